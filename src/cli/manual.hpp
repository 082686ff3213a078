#pragma once
#include "cli/command_table.hpp"

#include <string_view>

namespace persais::cli {

/// The manual of a command ("" is the program), in the language of man(7).
std::string manual(const command_row& table, std::string_view command);

/// "persais-config-check", for "config check": the page's name and, with ".1", its file.
std::string page_name(std::string_view command);

} // namespace persais::cli
