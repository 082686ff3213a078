#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace persais::config {

/// The whole text of a regular file of at most `most` bytes. An error is what is wrong, to stand after the path.
result<std::string> read_file(const std::filesystem::path& path, std::size_t most);

} // namespace persais::config
