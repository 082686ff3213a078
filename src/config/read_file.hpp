#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace persais::config {

/// Reads a regular file of at most `most` bytes. An error says what is wrong, to be written after the path.
result<std::string> read_file(const std::filesystem::path& path, std::size_t most);

} // namespace persais::config
