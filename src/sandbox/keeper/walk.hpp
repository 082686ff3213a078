#pragma once
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace persais::keeper {

/// Visits everything below a folder, of any depth: iteratively, by open descriptors of which it has a bounded number.
/// It follows no symlink and crosses into no other file system, so that what a task put there cannot lead it elsewhere.
class walk {
public:
    walk() = default;
    ~walk() {
        leave_to(0);
        std::free(levels_);
        std::free(names_);
    }
    walk(const walk&) = delete;
    walk& operator=(const walk&) = delete;

    /// A folder could not be opened or read: what is below it was not visited.
    bool unreadable() const { return unreadable_; }

    /// While an entry is visited: how long the path of the folder that has it is, seen from the top.
    size_t path_bytes() const { return levels_[depth_ - 1].path; }

    /// Calls `act(at, name, info)` for each entry; `at` is the open folder that has it. What disappears meanwhile is
    /// left out. Returns the first errno that `act` returns, or of the walk itself, or 0. ESTALE: a folder was moved
    /// away under it.
    template <class F>
    int below(const char* path, F act) {
        int top = open(path, folder_flags);
        if (top < 0) return errno;
        struct stat info{};
        int error = fstat(top, &info) == 0 ? enter(top, info, 0, act) : close_with(top, errno);
        device_ = info.st_dev;
        while (error == 0 && depth_ > 0)
            error = step(act);
        leave_to(0);
        return error;
    }

private:
    static constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    /// Of folders inside one another so many are open at once. Deeper ones are left by "..", and it is verified that
    /// this leads to where it came from.
    static constexpr unsigned open_levels = 64;

    struct level {
        int fd; // -1: closed meanwhile
        dev_t device;
        ino_t file;
        size_t names; // where the names of its folders that are still to be visited begin
        size_t path;  // the length of its path from the top
    };

    static int close_with(int fd, int error) {
        close(fd);
        return error;
    }

    /// Goes into the next folder, or back.
    template <class F>
    int step(F& act) {
        level& here = levels_[depth_ - 1];
        if (names_used_ == here.names) return go_back();
        size_t from = names_used_ - 1;
        while (from > here.names && names_[from - 1] != '\0')
            --from;
        names_used_ = from;
        size_t path = here.path + (here.path > 0) + std::strlen(names_ + from);
        int fd = openat(here.fd, names_ + from, folder_flags);
        if (fd < 0) {
            if (errno == EACCES) unreadable_ = true;
            return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES ? 0 : errno;
        }
        struct stat info{};
        if (fstat(fd, &info) != 0) return close_with(fd, errno);
        if (info.st_dev != device_) return close_with(fd, 0);
        if (depth_ > open_levels) {
            close(here.fd);
            here.fd = -1;
        }
        return enter(fd, info, path, act);
    }

    int go_back() {
        level left = levels_[--depth_];
        if (depth_ == 0) return close_with(left.fd, 0);
        level& up = levels_[depth_ - 1];
        if (up.fd < 0) {
            up.fd = openat(left.fd, "..", folder_flags);
            struct stat info{};
            if (up.fd < 0 || fstat(up.fd, &info) != 0) return close_with(left.fd, errno);
            if (info.st_dev != up.device || info.st_ino != up.file) return close_with(left.fd, ESTALE);
        }
        close(left.fd);
        return 0;
    }

    /// Visits the entries of the folder, and remembers the folders among them. Takes the descriptor.
    template <class F>
    int enter(int fd, const struct stat& info, size_t path, F& act) {
        if (!room_for_level()) return close_with(fd, ENOMEM);
        levels_[depth_++] = {fd, info.st_dev, info.st_ino, names_used_, path};
        int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (own < 0) return errno;
        DIR* list = fdopendir(own);
        if (!list) return close_with(own, errno);
        int error = 0;
        while (const dirent* entry = error == 0 ? readdir(list) : nullptr) {
            if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
            struct stat of{};
            if (fstatat(fd, entry->d_name, &of, AT_SYMLINK_NOFOLLOW) != 0) {
                if (errno == EACCES) unreadable_ = true; // the folder may be listed, and not searched
                if (errno != ENOENT && errno != EACCES) error = errno;
                continue;
            }
            error = act(fd, entry->d_name, of);
            if (error == 0 && S_ISDIR(of.st_mode) && of.st_dev == info.st_dev && !remember(entry->d_name))
                error = ENOMEM;
        }
        closedir(list);
        return error;
    }

    bool room_for_level() {
        if (depth_ < levels_room_) return true;
        auto room = levels_room_ == 0 ? 64 : 2 * levels_room_;
        auto* more = static_cast<level*>(std::realloc(levels_, room * sizeof(level)));
        if (!more) return false;
        levels_ = more;
        levels_room_ = room;
        return true;
    }

    bool remember(const char* name) {
        size_t size = std::strlen(name) + 1;
        if (names_used_ + size > names_room_) {
            auto room = 2 * names_room_ + size + 4096;
            auto* more = static_cast<char*>(std::realloc(names_, room));
            if (!more) return false;
            names_ = more;
            names_room_ = room;
        }
        std::memcpy(names_ + names_used_, name, size);
        names_used_ += size;
        return true;
    }

    void leave_to(unsigned depth) {
        while (depth_ > depth)
            if (int fd = levels_[--depth_].fd; fd >= 0) close(fd);
        names_used_ = 0;
    }

    level* levels_ = nullptr;
    unsigned depth_ = 0, levels_room_ = 0;
    char* names_ = nullptr; // each followed by a NUL; those of the innermost folder last
    size_t names_used_ = 0, names_room_ = 0;
    dev_t device_ = 0;
    bool unreadable_ = false;
};

} // namespace persais::keeper
