// Tests about time: servers that send nothing, and where the key is while git runs.
#include "base/background.hpp"
#include "git/address.hpp"
#include "git/layout.hpp"
#include "git/limits.hpp"
#include "git/ssh_testing.hpp"

#include <algorithm>
#include <map>
#include <sys/stat.h>

#include <boost/asio/posix/stream_descriptor.hpp>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// Runs ls-remote with a timeout of a second instead of the product's; returns how it failed, and checks that it did so
/// in time.
failure of_a_hurried_look(const ssh_served& s, const std::string& name) {
    auto where = s.where("writer", name);
    auto at = read_reachable(where);
    if (!at) return at.error();
    layout places{s.folder.path() / "mirrors/hurried"};
    places.prepare();
    auto look = places.on_remote(*at, where, {"ls-remote", "--", at->url});
    for (auto& entry : look.environment) {
        for (auto [limit, start] : {std::pair{limits::ssh_connect, std::string("ConnectTimeout=")},
                                    std::pair{limits::ssh_alive, std::string("ServerAliveInterval=")}}) {
            if (!entry.starts_with("GIT_SSH_COMMAND=")) continue;
            auto text = start + std::to_string(limit.count());
            auto found = entry.find(text);
            EXPECT_NE(found, std::string::npos) << entry;
            if (found != std::string::npos) entry.replace(found, text.size(), start + "1");
        }
    }
    look.total = std::chrono::minutes(1);
    auto result = on_a_loop(places.run(std::move(look)));
    EXPECT_EQ(static_cast<int>(result.how), static_cast<int>(sandbox::ended::exited)) << "it waited for git's deadline";
    return on_a_loop(places.explain(std::move(result), *at, where, doing::reading));
}

/// Both ends of a hook that reports that it was reached, and then waits.
class hold {
public:
    hold(const asio::any_io_executor& loop, const fs::path& folder)
        : here_((folder / "here").string()), go_((folder / "go").string()), ready_(loop) {
        EXPECT_EQ(::mkfifo(here_.c_str(), 0600) | ::mkfifo(go_.c_str(), 0600), 0);
        ready_.assign(::open(here_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    }
    std::string script() const { return "#!/bin/sh\necho x > '" + here_ + "'\nread line < '" + go_ + "'\n"; }
    awaitable<> wait() { return ready_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable); }
    void let_on() { std::ofstream(go_) << "x\n"; }

private:
    std::string here_, go_;
    asio::posix::stream_descriptor ready_;
};

/// The numbers of all processes, and their parents'.
std::map<std::string, std::string> parents() {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        std::ifstream in(entry.path() / "stat");
        std::string pid, name, state, parent;
        if (in >> pid >> name >> state >> parent) found[pid] = parent;
    }
    return found;
}

/// The memory files that contain a key or known hosts: inode → a path to it. `of`: only in processes below this one.
std::map<ino_t, fs::path> memory_files(const std::string& of = std::to_string(::getpid())) {
    std::map<ino_t, fs::path> found;
    const auto all = parents();
    for (const auto& [pid, unused] : all) {
        auto above = pid;
        while (above != of && all.contains(above))
            above = all.at(above);
        std::error_code ec;
        if (above != of) continue;
        for (fs::directory_iterator entry("/proc/" + pid + "/fd", ec), end; !ec && entry != end; entry.increment(ec)) {
            struct stat info{};
            std::error_code gone;
            if (fs::read_symlink(entry->path(), gone).string().starts_with("/memfd:persais-secret") &&
                ::stat(entry->path().c_str(), &info) == 0)
                found.emplace(info.st_ino, entry->path());
        }
    }
    return found;
}

/// How many of these files some process, wherever it is, still has.
std::size_t left_of(const std::map<ino_t, fs::path>& files) {
    auto now = memory_files("0");
    return static_cast<std::size_t>(
        std::ranges::count_if(files, [&](const auto& file) { return now.contains(file.first); }));
}

/// The processes whose command line or environment contains `word`, of all that we may read.
std::vector<std::string> that_show(const std::string& word) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        auto number = entry.path().filename().string();
        if (number.find_first_not_of("0123456789") != number.npos) continue;
        for (const char* what : {"cmdline", "environ"}) {
            // This is not a stream, because the read of a stream throws when the process ends between open and read.
            std::FILE* file = std::fopen((entry.path() / what).c_str(), "re");
            if (!file) continue;
            std::string bytes(256UL << 10, '\0');
            bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
            std::fclose(file);
            if (bytes.find(word) != std::string::npos) found.push_back(number + " " + what);
        }
    }
    return found;
}

} // namespace

TEST(ssh, a_server_that_says_nothing_is_given_up_in_bounded_time) {
    for (auto [more, name] : {std::pair{std::vector<std::string>{"--silent", "greeting"}, "team.git"},
                              std::pair{std::vector<std::string>{"--silent", "exchange"}, "team.git"},
                              std::pair{std::vector<std::string>{}, "frozen.git"}}) {
        ssh_served s(more);
        SKIP_WITHOUT_SSHD(s);
        auto why = of_a_hurried_look(s, name);
        EXPECT_EQ(why.kind, error_kind::network) << why.sentence;
        EXPECT_NE(why.sentence.find("does not answer"), std::string::npos) << why.sentence;
        EXPECT_EQ(why.sentence.find('\n'), std::string::npos) << why.sentence;
    }
}

TEST(ssh, the_key_is_in_memory_while_git_runs_and_in_no_command_line_environment_or_file) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto m = s.of(s.where());
    ASSERT_TRUE(on_a_loop(m.refresh()));
    auto line = shell(s.folder.path(), "sed -n 3p ssh/writer");
    std::map<ino_t, fs::path> held;
    on_a_loop([&]() -> awaitable<> {
        auto loop = co_await asio::this_coro::executor;
        hold hook(loop, s.folder.path());
        auto script = s.folder.path() / "root/team.git/hooks/pre-receive";
        write(script, hook.script());
        fs::permissions(script, fs::perms(0755));
        background<outcome<mirror::pushed>> push(loop, m.push("b", s.made, {}));
        co_await hook.wait();
        held = memory_files();
        EXPECT_EQ(held.size(), 2U) << "the test looks in the wrong place";
        for (const auto& [unused, file] : held) {
            EXPECT_EQ(fs::status(file).permissions(), fs::perms(0600));
            EXPECT_EQ(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_TRUNC), -1) << "it is sealed";
        }
        EXPECT_EQ(that_show(line), std::vector<std::string>{});
        EXPECT_EQ(that_show("UserKnownHostsFile=/proc/").empty(), false) << "the test looks in the wrong place";
        EXPECT_EQ(shell(s.folder.path(), "grep -rlF '" + line + "' mirrors root person || echo nowhere"), "nowhere");
        hook.let_on();
        auto pushed = co_await push.join();
        EXPECT_TRUE(pushed) << sentence(pushed);
    }());
    EXPECT_EQ(left_of(held), 0U);
}

TEST(ssh, a_push_that_is_cancelled_leaves_no_key_and_no_process) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto m = s.of(s.where());
    ASSERT_TRUE(on_a_loop(m.refresh()));
    std::map<ino_t, fs::path> held;
    on_a_loop([&]() -> awaitable<> {
        auto loop = co_await asio::this_coro::executor;
        hold hook(loop, s.folder.path());
        auto script = s.folder.path() / "root/team.git/hooks/pre-receive";
        write(script, hook.script());
        fs::permissions(script, fs::perms(0755));
        background<outcome<mirror::pushed>> push(loop, m.push("b", s.made, {}));
        co_await hook.wait();
        held = memory_files();
        EXPECT_EQ(held.size(), 2U) << "the test looks in the wrong place";
        co_await push.stop();
        hook.let_on();
    }());
    EXPECT_EQ(left_of(held), 0U);
}
