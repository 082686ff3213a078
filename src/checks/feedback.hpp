#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace persais::checks {

/// The program that a command needs and that is missing, by its exit code (126, 127) and output. Empty: nothing is
/// missing. `make` hides its recipes' 127 behind a 2, so its own messages count too.
std::string missing_tool(int exit_code, std::string_view output);

/// The useful part of what red checks printed, at most `most` bytes: escape sequences, progress bars and repetition are
/// removed; when it must be cut, the lines about failures and the end are kept. Valid UTF-8.
std::string useful_part(std::string_view output, std::size_t most);

} // namespace persais::checks
