#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Where the same files are seen on this machine: a folder that is bound to a second place is there too, which no path
/// tells.
namespace persais::sandbox {

/// One line of /proc/self/mountinfo.
struct mounted {
    std::string device;         // "8:1", the same for all mounts of one file system
    std::filesystem::path root; // the folder of the file system that is mounted
    std::filesystem::path at;   // where
    /// The folders that an overlay is made of; else empty.
    std::vector<std::filesystem::path> layers;
};

/// Reads the text of a mountinfo, in its order: a later mount at the same place covers an earlier one.
std::vector<mounted> read_mounts(std::string_view mountinfo);

/// All mounts of this process's namespace.
std::vector<mounted> current_mounts();

/// A place where something that must not be seen is seen.
struct sight {
    std::filesystem::path path; // without symlinks
    bool folder = false;
    bool operator==(const sight&) const = default;
};

/// All places at which one of `paths` (files and folders, or what symlinks lead to) or a part of it is seen; none is
/// below another. What does not exist is nowhere.
std::vector<sight> sights_of(const std::vector<std::filesystem::path>& paths, const std::vector<mounted>& mounts);

/// Whether `path` is `folder` or below it; both without symlinks.
bool is_within(const std::filesystem::path& path, const std::filesystem::path& folder);

} // namespace persais::sandbox
