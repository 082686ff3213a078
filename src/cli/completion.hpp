#pragma once
#include "cli/command_table.hpp"

#include <string_view>

namespace persais::cli {

/// A script by which a shell (bash, zsh, fish) completes the commands, flags and values of the table. It asks nothing
/// of the program while a person types.
std::string completion(std::string_view shell, const command_row& table);

} // namespace persais::cli
