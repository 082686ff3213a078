#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace persais::sandbox {

/// Where this process stands in one hierarchy of control groups.
struct group_place {
    std::filesystem::path mount; // the hierarchy as far as this process sees it
    std::filesystem::path own;   // this process's group: the mount itself or a folder below it
};

/// The hierarchy that carries `controller` ("memory", "pids") in version 1; version 2's when `controller` is empty.
/// Nothing when it is not mounted. `root` is for tests: the folder that holds proc/ and what is mounted.
std::optional<group_place> find_group(std::string_view controller, const std::filesystem::path& root = "/");

/// The first word of a small file; empty when it cannot be read.
std::string first_word(const std::filesystem::path& file);

} // namespace persais::sandbox
