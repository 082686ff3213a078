#pragma once
#include "base/async.hpp"
#include "sandbox/limits.hpp"

#include <cstdint>
#include <filesystem>
#include <sys/types.h>

namespace persais::sandbox {

/// Gives a folder and everything in it to a user. It follows no symlink, crosses into no other file system, and uses
/// open descriptors, so that what a task put there cannot lead it elsewhere. Folders may be nested to any depth. Throws
/// system_error.
void give_to(const std::filesystem::path& folder, uid_t uid, gid_t gid);

/// The same in a keeper process, so that the loop is not blocked.
awaitable<void> give_beside(std::filesystem::path folder, uid_t uid, gid_t gid);

/// What a program left in a folder.
struct folder_size {
    std::uintmax_t bytes = 0;     // of the disk
    std::size_t longest_path = 0; // below the folder, in bytes; that of the folder itself comes in front of it
};

/// Counts everything below a folder, at any depth, in a keeper process, without changing anything. A folder that its
/// owner may not read is read where this user may have a user namespace, and else counts as empty. Throws system_error.
awaitable<folder_size> measure_beside(std::filesystem::path folder);

} // namespace persais::sandbox
