#pragma once
#include "sandbox/keeper/options.hpp"
#include "sandbox/limits.hpp"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace persais::keeper {

inline constexpr int tree_depth = 256; // limits::tree_depth; a test holds them equal

/// Gives folders to a user. It follows no symlink, crosses into no other file system, and uses open descriptors, so
/// that what a task put there cannot lead it elsewhere.
class giver {
public:
    giver(uid_t uid, gid_t gid) : uid_(uid), gid_(gid) {}

    /// Returns an errno, or 0; ELOOP when folders are nested deeper than tree_depth.
    int folder(const char* path) {
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) return errno;
        struct stat info{};
        if (fstat(fd, &info) != 0 || fchown(fd, uid_, gid_) != 0) {
            int error = errno;
            close(fd);
            return error;
        }
        device_ = info.st_dev;
        return entries(fd, 0);
    }

private:
    /// Processes the entries of the open folder and closes it; the folder itself is done already.
    int entries(int fd, int depth) {
        DIR* list = depth > tree_depth ? nullptr : fdopendir(fd);
        if (!list) {
            int error = depth > tree_depth ? ELOOP : errno;
            close(fd);
            return error;
        }
        int error = 0;
        while (const dirent* entry = error == 0 ? readdir(list) : nullptr)
            if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
                error = one(fd, entry->d_name, entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN, depth);
        closedir(list);
        return error;
    }

    int one(int at, const char* name, bool may_be_folder, int depth) {
        if (fchownat(at, name, uid_, gid_, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT) return errno;
        if (!may_be_folder) return 0;
        int below = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0) return errno == ENOTDIR || errno == ELOOP || errno == ENOENT ? 0 : errno;
        struct stat info{};
        int error = fstat(below, &info) != 0 ? errno : 0;
        if (error == 0 && info.st_dev == device_) return entries(below, depth + 1);
        close(below);
        return error;
    }

    uid_t uid_;
    gid_t gid_;
    dev_t device_ = 0;
};

/// `persais-keeper give UID GID FOLDER`; returns an errno, or 0, as the exit code.
inline int give(const char* uid, const char* gid, const char* folder) {
    unsigned long long user = 0, group = 0;
    if (!number(uid, user) || !number(gid, group)) return EINVAL;
    return giver(static_cast<uid_t>(user), static_cast<gid_t>(group)).folder(folder);
}

} // namespace persais::keeper
