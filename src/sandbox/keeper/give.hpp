#pragma once
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/walk.hpp"

namespace persais::keeper {

/// Gives the folder and everything in it to a user, at any depth, as walk.hpp says. Returns an errno, or 0.
inline int give_all(const char* path, uid_t uid, gid_t gid) {
    if (fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW) != 0) return errno;
    walk all;
    int error = all.below(path, [&](int at, const char* name, const struct stat&) {
        return fchownat(at, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0 || errno == ENOENT ? 0 : errno;
    });
    return error == 0 && all.unreadable() ? EACCES : error;
}

/// `persais-keeper give UID GID FOLDER`; returns an errno, or 0, as the exit code.
inline int give(const char* uid, const char* gid, const char* folder) {
    unsigned long long user = 0, group = 0;
    if (!number(uid, user) || !number(gid, group)) return EINVAL;
    return give_all(folder, static_cast<uid_t>(user), static_cast<gid_t>(group));
}

} // namespace persais::keeper
