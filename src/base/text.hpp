#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace persais::text {

/// Cuts to at most `most` bytes, never inside a UTF-8 character; the cut is not marked.
std::string cut(std::string_view s, std::size_t most);

/// The code points of valid UTF-8, as PostgreSQL's char_length counts them.
std::size_t characters(std::string_view s);
/// The first `most` characters of valid UTF-8.
std::string first_characters(std::string_view s, std::size_t most);

/// Valid UTF-8 without terminal escape sequences and control characters (newline and tab stay); a carriage return
/// starts its line anew, as a terminal shows it. Invalid bytes become U+FFFD.
std::string printable(std::string_view s);

bool valid_utf8(std::string_view s);

/// Removes spaces, tabs and newlines at both ends.
std::string_view trim(std::string_view s);

} // namespace persais::text
