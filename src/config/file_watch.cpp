#include "config/file_watch.hpp"

#include "config/limits.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/inotify.h>
#include <unistd.h>

namespace persais::config {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t what = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB |
                               IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

int open_inotify() {
    int number = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (number < 0) throw boost::system::system_error(errno, boost::system::system_category(), "inotify");
    return number;
}

} // namespace

std::set<fs::path> folders_on_the_way(const fs::path& path) {
    std::set<fs::path> folders;
    constexpr int most_links = 40; // the kernel's own limit
    auto rest = fs::absolute(path).lexically_normal();
    fs::path at = rest.root_path();
    rest = rest.relative_path();
    for (int links = 0; !rest.empty() && links < most_links;) {
        auto step = at / *rest.begin();
        fs::path after;
        for (auto each = std::next(rest.begin()); each != rest.end(); ++each)
            after /= *each;
        std::error_code ec;
        bool link = fs::is_symlink(step, ec);
        if (link || after.empty()) folders.insert(at);
        if (link) {
            ++links;
            auto target = fs::read_symlink(step, ec);
            if (ec) break;
            auto whole = ((target.is_absolute() ? target : at / target) / after).lexically_normal();
            at = whole.root_path();
            rest = whole.relative_path();
        } else {
            at = step;
            rest = after;
        }
    }
    return folders;
}

file_watch::file_watch(const asio::any_io_executor& executor) : events_(executor, open_inotify()) {}

void file_watch::follow(const std::vector<fs::path>& files) {
    // A watch that is still needed keeps its number; others are removed.
    std::vector<int> now;
    for (const auto& file : files)
        for (const auto& folder : folders_on_the_way(file))
            if (int number = ::inotify_add_watch(events_.native_handle(), folder.c_str(), what); number >= 0)
                now.push_back(number);
    for (int number : watched_)
        if (std::ranges::find(now, number) == now.end()) ::inotify_rm_watch(events_.native_handle(), number);
    watched_ = std::move(now);
}

bool file_watch::drain() {
    alignas(inotify_event) std::array<char, 4096> bytes;
    bool any = false;
    while (::read(events_.native_handle(), bytes.data(), bytes.size()) > 0)
        any = true;
    return any;
}

awaitable<> file_watch::changed() {
    while (!drain())
        co_await events_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    const auto give_up = std::chrono::steady_clock::now() + limits::reload_at_most;
    while (std::chrono::steady_clock::now() < give_up) {
        co_await sleep_for(limits::reload_quiet);
        if (!drain()) co_return;
    }
}

} // namespace persais::config
