#include "git/lock.hpp"

#include "base/told.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::git {

using namespace std::chrono_literals;

held_lock::~held_lock() {
    if (fd_ >= 0) ::close(fd_);
}

awaitable<result<held_lock>> lock(std::filesystem::path file, sharing how, std::chrono::milliseconds most) {
    int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot open " + file.string());
    held_lock held(fd);
    auto until = std::chrono::steady_clock::now() + most;
    // flock offers no asynchronous wait, and the holder may be another process, so it is polled.
    for (auto pause = 1ms; ::flock(fd, (how == sharing::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0;
         pause = std::min(pause * 2, 50ms)) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "cannot lock " + file.string());
        if (std::chrono::steady_clock::now() >= until)
            co_return fail(told<"Another persais held {} for too long.", "Другой persais слишком долго занимал {}.">(
                file.string()));
        co_await sleep_for(pause);
    }
    co_return std::move(held);
}

} // namespace persais::git
