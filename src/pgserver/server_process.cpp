#include "pgserver/server_process.hpp"

#include <array>
#include <fcntl.h>
#include <fstream>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::pgserver {

namespace {

struct spawn_settings {
    spawn_settings() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    ~spawn_settings() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    spawn_settings(const spawn_settings&) = delete;
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

/// Sends SIGKILL to a program that nobody waits for any more.
struct killed_at_end {
    pid_t pid;
    ~killed_at_end() {
        if (pid <= 0) return;
        ::kill(-pid, SIGKILL); // its session id is also its process group
        ::waitpid(pid, nullptr, 0);
    }
};

int status_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

pid_t start_program(const program& what) {
    spawn_settings s;
    auto* a = &s.actions;
    const char* output = what.output.empty() ? "/dev/null" : what.output.c_str();
    // This comes first, because the opens below would take its number.
    if (what.kept >= 0) posix_spawn_file_actions_adddup2(a, what.kept, 3);
    posix_spawn_file_actions_addopen(a, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(a, 1, output, O_WRONLY | O_APPEND | O_CREAT, 0600);
    posix_spawn_file_actions_adddup2(a, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(a, what.kept >= 0 ? 4 : 3);
    posix_spawn_file_actions_addchdir_np(a, "/");
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&s.attributes, &none);
    posix_spawnattr_setsigdefault(&s.attributes, &all);
    posix_spawnattr_setflags(&s.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> argv;
    for (const auto& word : what.argv)
        argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    // LC_ALL is fixed because the messages of the program are parsed; nothing else of our environment is passed on.
    std::array<char*, 4> environment{const_cast<char*>("PATH=/usr/bin:/bin"), const_cast<char*>("LC_ALL=C"),
                                     const_cast<char*>("TZ=UTC"), nullptr};
    pid_t pid = -1;
    int error = ::posix_spawn(&pid, argv[0], a, &s.attributes, argv.data(), environment.data());
    if (error) throw std::system_error(error, std::generic_category(), what.argv[0]);
    return pid;
}

awaitable<int> finish_program(program what, std::chrono::milliseconds limit) {
    killed_at_end child{start_program(what)};
    asio::posix::stream_descriptor ended(co_await asio::this_coro::executor,
                                         static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    // This is not with_deadline(ended.async_wait…), because that is not a coroutine.
    auto wait = [](asio::posix::stream_descriptor& d) -> awaitable<void> {
        co_await d.async_wait(d.wait_read, asio::use_awaitable);
    };
    // A wake may come too early (observed: one meant for an earlier descriptor with the same number), and a blocking
    // waitpid would then block the loop until the program ends.
    auto until = std::chrono::steady_clock::now() + limit;
    int status = 0;
    do
        co_await with_deadline(until - std::chrono::steady_clock::now(), wait(ended));
    while (::waitpid(child.pid, &status, WNOHANG) == 0);
    child.pid = -1;
    co_return status_of(status);
}

int run_briefly(std::vector<std::string> argv) {
    try {
        int status = 0;
        auto pid = start_program({std::move(argv), {}, -1});
        ::waitpid(pid, &status, 0);
        return status_of(status);
    } catch (const std::system_error&) {
        return -1;
    }
}

std::string tail_of(const std::filesystem::path& file, std::size_t most, std::uintmax_t from) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    auto size = in ? static_cast<std::streamoff>(in.tellg()) : std::streamoff(0);
    auto fresh = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(from));
    auto kept = std::min<std::streamoff>(fresh, static_cast<std::streamoff>(most));
    std::string text(static_cast<std::size_t>(kept), '\0');
    in.seekg(size - kept);
    in.read(text.data(), kept);
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

} // namespace persais::pgserver
