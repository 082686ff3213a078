#pragma once
#include <string>
#include <string_view>

/// Texts of several lines that people paste where a setting has one.
namespace persais {

/// Without blanks and quotes around it.
std::string_view unquoted(std::string_view s);

/// Literal \n, and \r\n of either kind, as line ends.
std::string with_newlines(std::string_view pasted);

} // namespace persais
