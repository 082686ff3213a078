#include "app/workshop.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::app {

namespace fs = std::filesystem;

namespace {

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
    // A folder without write or search permission (Go's module cache has them): opened up, then once more.
    auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator i(folder, options, ec), end; !ec && i != end; i.increment(ec))
        if (i->symlink_status(ec).type() == fs::file_type::directory)
            fs::permissions(i->path(), fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, ec);
    fs::remove_all(folder, ec);
    if (ec) spdlog::warn("{} could not be removed: {}", folder.string(), ec.message());
}

result<std::unique_ptr<workshop>> workshop::open(const fs::path& root, task_id id, fence held) {
    auto folder = root / fmt::format("{}-{}", id.value, held.value);
    std::error_code ec;
    remove_tree(folder);
    for (auto* sub : {"code/home", "check/home"}) {
        fs::create_directories(folder / sub, ec);
        if (ec) return fail(fmt::format("The folder {} could not be made: {}.", (folder / sub).string(), ec.message()));
    }
    fs::permissions(folder, fs::perms::owner_all, ec);
    int lock = lock_folder(folder);
    if (lock < 0)
        return fail(fmt::format("The folder {} could not be locked: {}.", folder.string(), std::strerror(errno)));
    auto slot = static_cast<unsigned>(id.value % 4096);
    return std::unique_ptr<workshop>(new workshop(std::move(folder), lock, slot));
}

workshop::~workshop() {
    remove_tree(folder_);
    ::close(lock_);
}

sandbox::view workshop::code() const {
    return {.tree = folder_ / "code/tree", .home = folder_ / "code/home", .slot = slot_ * 2};
}
sandbox::view workshop::check() const {
    return {.tree = folder_ / "check/tree", .home = folder_ / "check/home", .slot = slot_ * 2 + 1};
}

int reap_workshops(const fs::path& root) {
    int reaped = 0;
    std::error_code ec;
    for (fs::directory_iterator i(root, ec), end; !ec && i != end; i.increment(ec)) {
        if (!i->is_directory(ec)) continue;
        int lock = lock_folder(i->path());
        if (lock < 0) continue;
        remove_tree(i->path());
        ::close(lock);
        ++reaped;
    }
    return reaped;
}

} // namespace persais::app
