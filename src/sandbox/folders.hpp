#pragma once
#include "base/async.hpp"
#include "sandbox/limits.hpp"

#include <filesystem>
#include <sys/types.h>

namespace persais::sandbox {

/// Gives a folder and everything in it to a user. It follows no symlink, crosses into no other file system, and uses
/// open descriptors, so that what a task put there cannot lead it elsewhere. Folders may be nested to any depth. Throws
/// system_error.
void give_to(const std::filesystem::path& folder, uid_t uid, gid_t gid);

/// The same in a keeper process, so that the loop is not blocked.
awaitable<void> give_beside(std::filesystem::path folder, uid_t uid, gid_t gid);

} // namespace persais::sandbox
