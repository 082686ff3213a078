#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace persais::checks {

/// Whether a command's exit says that a program it needs is missing (126, 127), and which, from its output.
/// Empty: nothing is missing. `make` hides its recipes' 127 behind a 2, so its own words count too.
std::string missing_tool(int exit_code, std::string_view output);

/// The useful part of what red checks printed, at most `most` bytes: escape sequences, progress bars and repetition
/// removed; when it must be cut, the lines that tell of failures and the end are kept. Valid UTF-8.
std::string useful_part(std::string_view output, std::size_t most);

} // namespace persais::checks
