#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace persais::sandbox {

/// The place of this process in one hierarchy of control groups.
struct group_place {
    std::filesystem::path mount; // the part of the hierarchy that this process can see
    std::filesystem::path own;   // this process's group: the mount itself or a folder below it
};

/// The version 1 hierarchy that has `controller` ("memory", "pids"); that of version 2 when `controller` is empty.
/// Nothing when it is not mounted. `root` is for tests: the folder that holds proc/ and the mounts.
std::optional<group_place> find_group(std::string_view controller, const std::filesystem::path& root = "/");

/// The first word of a small file; empty when it cannot be read.
std::string first_word(const std::filesystem::path& file);

} // namespace persais::sandbox
