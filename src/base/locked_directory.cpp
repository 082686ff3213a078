#include "base/locked_directory.hpp"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais {

namespace fs = std::filesystem;

namespace {

/// Held while a folder is made and locked, or checked for being free, because otherwise a start could take a folder
/// that is just being made for a dead one.
class moment {
public:
    explicit moment(const fs::path& root) : fd_(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    ~moment() {
        if (fd_ >= 0) ::close(fd_);
    }
    moment(const moment&) = delete;

private:
    int fd_;
};

int lock_folder(const fs::path& folder) {
    int fd = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        errno = EWOULDBLOCK;
        return -1;
    }
    return fd;
}

/// Empties a folder whatever is in it. A folder that is not empty is moved to the top before it is emptied, so that
/// neither the depth nor the length of a path matters, and two descriptors suffice.
class emptier {
public:
    explicit emptier(int top) : top_(top), moved_(fmt::format(".removed-{}-", ::getpid())) {}

    /// Returns the first errno, or 0.
    int run() {
        for (const auto& name : names_in(top_))
            if (!remove(top_, name)) left_.push_back(name);
        while (!left_.empty()) {
            auto name = std::move(left_.back());
            left_.pop_back();
            open_to_us(top_, name);
            int fd = ::openat(top_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            for (const auto& inner : names_in(fd))
                if (!remove(fd, inner)) move_up(fd, inner);
            if (fd >= 0) ::close(fd);
            if (::unlinkat(top_, name.c_str(), AT_REMOVEDIR) != 0) note();
        }
        return error_;
    }

private:
    void note() {
        if (error_ == 0 && errno != ENOENT) error_ = errno;
    }

    static std::vector<std::string> names_in(int fd) {
        std::vector<std::string> names;
        int own = fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
        DIR* list = own < 0 ? nullptr : ::fdopendir(own);
        while (const dirent* entry = list ? ::readdir(list) : nullptr)
            if (std::string_view name = entry->d_name; name != "." && name != "..") names.emplace_back(name);
        if (list) ::closedir(list);
        return names;
    }

    /// Go's module cache has folders without write permission, and a task may close its own to everybody.
    static void open_to_us(int at, const std::string& name) {
        int fd = ::openat(at, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) return;
        ::chmod(fmt::format("/proc/self/fd/{}", fd).c_str(), 0700);
        ::close(fd);
    }

    /// False: it is a folder that is not empty.
    bool remove(int at, const std::string& name) {
        if (::unlinkat(at, name.c_str(), 0) == 0) return true;
        if (::unlinkat(at, name.c_str(), AT_REMOVEDIR) == 0) return true;
        if (errno == ENOTEMPTY || errno == EEXIST) return false;
        note();
        return true;
    }

    void move_up(int from, const std::string& name) {
        open_to_us(from, name); // moving a folder changes its own entry ".."
        auto there = moved_ + std::to_string(count_++);
        if (::renameat(from, name.c_str(), top_, there.c_str()) == 0)
            left_.push_back(std::move(there));
        else
            note();
    }

    int top_;
    std::string moved_;
    unsigned count_ = 0;
    int error_ = 0;
    std::vector<std::string> left_; // folders at the top
};

} // namespace

void remove_tree(const fs::path& folder) {
    int error = 0;
    int top = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0 && errno == EACCES && ::chmod(folder.c_str(), 0700) == 0)
        top = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top >= 0) {
        ::fchmod(top, 0700);
        error = emptier(top).run();
        ::close(top);
    }
    if (::rmdir(folder.c_str()) != 0 && error == 0 && errno != ENOENT) // a link, a file, or a folder that is not ours
        error = errno == ENOTDIR && ::unlink(folder.c_str()) == 0 ? 0 : errno;
    if (error != 0) spdlog::warn("{} could not be removed: {}", folder.string(), std::strerror(error));
}

result<std::unique_ptr<locked_directory>> locked_directory::make(const fs::path& root, const std::string& name) {
    auto path = root / name;
    remove_tree(path);
    moment alone(root);
    std::error_code ec;
    fs::create_directory(path, ec);
    if (!ec) fs::permissions(path, fs::perms::owner_all, ec);
    if (ec) return fail(fmt::format("The folder {} could not be made: {}.", path.string(), ec.message()));
    int lock = lock_folder(path);
    if (lock < 0)
        return fail(fmt::format("The folder {} could not be locked: {}.", path.string(), std::strerror(errno)));
    std::unique_ptr<locked_directory> made(new locked_directory(std::move(path), lock));
    made->folder_ = ::open(made->path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    return made;
}

locked_directory::~locked_directory() {
    if (!left_) remove_tree(path_);
    if (folder_ >= 0) ::close(folder_);
    ::close(lock_);
}

fs::path locked_directory::short_path() const {
    return folder_ < 0 ? path_ : fs::path(fmt::format("/proc/self/fd/{}", folder_));
}

std::vector<std::unique_ptr<locked_directory>> left_folders(const fs::path& root) {
    std::vector<std::unique_ptr<locked_directory>> all;
    std::error_code ec;
    for (fs::directory_iterator i(root, ec), end; !ec && i != end; i.increment(ec)) {
        if (!i->is_directory(ec)) continue;
        moment alone(root);
        int lock = lock_folder(i->path());
        if (lock >= 0) all.emplace_back(new locked_directory(i->path(), lock));
    }
    return all;
}

} // namespace persais
