#pragma once
#include "git/git.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persais::git {

/// What git has of a file in LFS.
struct lfs_pointer {
    std::string oid; // sha256 of the content, 64 hex digits
    std::uint64_t size = 0;
    bool operator==(const lfs_pointer&) const = default;
};

/// Reads a pointer of https://git-lfs.github.com/spec/v1. Nothing: the text is none.
std::optional<lfs_pointer> read_lfs_pointer(std::string_view text);

/// The address of the LFS server of a repository, when nothing else is said, as git-lfs has it.
std::string lfs_address(std::string repository);

/// The settings filter.lfs.clean and filter.lfs.smudge of a tree with LFS files, for programs inside a sandbox: by the
/// first git sees the pointer of such a file, by the second a checkout writes what was fetched (.git/lfs/objects).
std::string_view lfs_clean();
std::string_view lfs_smudge();

/// Removes what no tree needed for limits::lfs_kept from the store beside a mirror; nothing while a task fetches into
/// it. `now`: by the file system's clock.
awaitable<> forget_lfs(std::filesystem::path mirror_folder, std::filesystem::file_time_type now);

/// What the git-lfs that could not fetch said, as a sentence; `paths`: the first file of each oid.
failure explain_lfs(std::string_view error, const std::string& from, const std::map<std::string, std::string>& paths);

} // namespace persais::git
