#include "sandbox/keeper/descendants.hpp"
#include "sandbox/keeper/give.hpp"
#include "sandbox/keeper/group.hpp"
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/prepare.hpp"
#include "sandbox/keeper/tree.hpp"
#include "sandbox/keeper/watch.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/ring.hpp"
#include "sandbox/testing.hpp"

namespace persais::sandbox {
namespace {

using namespace testing;

TEST(keeper, has_the_limits_that_the_others_have) {
    EXPECT_EQ(keeper::niceness, limits::child_niceness);
    EXPECT_EQ(std::chrono::milliseconds(keeper::terminate_to_kill_ms), limits::terminate_to_kill);
    EXPECT_EQ(std::chrono::milliseconds(keeper::group_removal_ms), limits::group_removal);
}

TEST(keeper, looks_oftener_the_nearer_the_limit_is_and_at_a_bounded_cost) {
    constexpr unsigned long long gib = 1ULL << 30;
    EXPECT_EQ(keeper::next_look_ms(0, 8 * gib, 0), keeper::memory_watch_most_ms);
    EXPECT_EQ(keeper::next_look_ms(gib / 2, gib, 0), 128);
    EXPECT_EQ(keeper::next_look_ms(gib - 1, gib, 0), keeper::memory_watch_least_ms);
    EXPECT_EQ(keeper::next_look_ms(2 * gib, gib, 0), keeper::memory_watch_least_ms);
    EXPECT_EQ(keeper::next_look_ms(gib, gib, 30), 600); // checking many processes takes long
    EXPECT_EQ(keeper::next_look_ms(gib, gib, 700), 1000);
}

TEST(keeper, reads_the_numbers_of_small_files) {
    temp_dir folder;
    auto path = folder.path() / "file";
    std::ofstream(path) << "oom 7\noom_kill 3\nShmem:      12 kB\nlast 9";
    keeper::small_file<64> file;
    ASSERT_TRUE(file.read(path.c_str()));
    EXPECT_EQ(file.after("oom_kill"), 3U);
    EXPECT_EQ(file.after("oom"), 7U);
    EXPECT_EQ(file.after("Shmem"), 12U);
    EXPECT_EQ(file.after("last"), 9U);
    EXPECT_EQ(file.after("kill"), 0U);
    EXPECT_FALSE(file.read("/no/such/file"));
}

TEST(keeper, understands_only_lines_that_name_a_program) {
    auto understood = [](std::vector<std::string> words) {
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        keeper::options into;
        return keeper::parse(static_cast<int>(words.size()), argv.data(), into);
    };
    EXPECT_TRUE(understood({"k", "run", "--", "/bin/true"}));
    EXPECT_TRUE(understood({"k", "run", "--folder", "/", "--open-files", "9", "--", "/bin/true", "--uid"}));
    EXPECT_FALSE(understood({"k", "run", "--"}));
    std::vector<std::string> many{"k", "enter"};
    for (int i = 0; i < keeper::most_writable; ++i)
        many.insert(many.end(), {"--writable", "/tmp"});
    auto too_many = many;
    too_many.insert(too_many.end(), {"--writable", "/tmp", "--", "/bin/true"});
    many.insert(many.end(), {"--", "/bin/true"});
    EXPECT_TRUE(understood(many));
    EXPECT_FALSE(understood(too_many));
    EXPECT_FALSE(understood({"k", "run", "--uid", "-1", "--", "/bin/true"}));
    EXPECT_FALSE(understood({"k", "run", "--uid", "7x", "--", "/bin/true"}));
    EXPECT_FALSE(understood({"k", "run", "--unknown", "7", "--", "/bin/true"}));
    EXPECT_FALSE(understood({"k", "walk", "--", "/bin/true"}));
    EXPECT_FALSE(understood({"k"}));
}

TEST(keeper, finds_all_descendants_both_ways) {
    for (bool ask_everybody : {false, true}) {
        int pipe_fds[2];
        ASSERT_EQ(::pipe(pipe_fds), 0);
        pid_t child = ::fork();
        if (child == 0) {
            pid_t grandchild = ::fork();
            if (grandchild != 0 && ::write(pipe_fds[1], &grandchild, sizeof grandchild) < 0) ::_exit(1);
            for (;;)
                ::pause();
        }
        pid_t grandchild = -1;
        ASSERT_EQ(::read(pipe_fds[0], &grandchild, sizeof grandchild), static_cast<ssize_t>(sizeof grandchild));
        std::vector<pid_t> found;
        keeper::descendants(ask_everybody).each([&](pid_t pid) { found.push_back(pid); });
        EXPECT_EQ(found, (std::vector<pid_t>{child, grandchild}));
        ::kill(grandchild, SIGKILL);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(pipe_fds[0]);
        ::close(pipe_fds[1]);
    }
}

TEST(ring, keeps_the_newest_bytes_in_order) {
    ring kept(5);
    kept.add("ab");
    kept.add("cd");
    EXPECT_FALSE(kept.cut());
    kept.add("ef");
    EXPECT_TRUE(kept.cut());
    kept.add("g");
    EXPECT_EQ(kept.take(), "cdefg");
    for (std::size_t piece = 1; piece < 9; ++piece) {
        ring other(5);
        std::string all;
        for (char c = 'a'; c < 'z'; ++c) {
            other.add(std::string(piece, c));
            all += std::string(piece, c);
        }
        EXPECT_EQ(other.take(), all.substr(all.size() - 5)) << piece;
    }
    ring nothing(0);
    nothing.add("abc");
    EXPECT_TRUE(nothing.cut());
    EXPECT_EQ(nothing.take(), "");
}

} // namespace
} // namespace persais::sandbox
