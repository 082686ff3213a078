#include "base/locked_directory.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
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

} // namespace

void remove_tree(const fs::path& folder) {
    std::error_code ec;
    fs::remove_all(folder, ec);
    if (!ec) return;
    // For a folder without write or search permission (Go's module cache has them), the permissions are added, and the
    // removal is tried again.
    auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator i(folder, options, ec), end; !ec && i != end; i.increment(ec))
        if (i->symlink_status(ec).type() == fs::file_type::directory)
            fs::permissions(i->path(), fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, ec);
    fs::remove_all(folder, ec);
    if (ec) spdlog::warn("{} could not be removed: {}", folder.string(), ec.message());
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
