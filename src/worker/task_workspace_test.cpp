#include "base/background.hpp"
#include "base/locked_directory.hpp"
#include "base/temp_dir.hpp"
#include "git/files.hpp"
#include "sandbox/choose.hpp"
#include "worker/stale_workspaces.hpp"
#include "worker/task_workspace.hpp"

#include <fcntl.h>
#include <fstream>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

struct shop : ::testing::Test {
    temp_dir made;
    fs::path root = made.path();
    void TearDown() override { remove_tree(root); }
    std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(root), {})); }
};

void reap_now(const fs::path& root) {
    asio::io_context io(1);
    asio::co_spawn(io, remove_stale_workspaces({root}), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    io.run();
}

} // namespace

TEST_F(shop, is_gone_when_it_is_let_go) {
    {
        auto place = task_workspace::open(root, {17}, {3});
        ASSERT_TRUE(place);
        EXPECT_TRUE(fs::is_directory((*place)->code().home));
        EXPECT_NE((*place)->code().slot, (*place)->check().slot) << "coder and checks are strangers to one another";
        EXPECT_EQ(entries(), 1U);
    }
    EXPECT_EQ(entries(), 0U);
}

TEST_F(shop, of_a_later_fence_does_not_meet_the_earlier) {
    auto first = task_workspace::open(root, {17}, {3});
    auto second = task_workspace::open(root, {17}, {4});
    ASSERT_TRUE(first && second);
    EXPECT_NE((*first)->code().tree, (*second)->code().tree);
}

TEST_F(shop, is_reaped_only_when_nobody_holds_it) {
    auto held = task_workspace::open(root, {1}, {1});
    fs::create_directories(root / "2-1/code/tree");
    reap_now(root);
    EXPECT_FALSE(fs::exists(root / "2-1"));
    EXPECT_TRUE(fs::exists(root / "1-1"));
}

TEST_F(shop, that_is_left_behind_is_for_the_next_start) {
    task_workspace::open(root, {1}, {1}).value()->leave_behind();
    EXPECT_TRUE(fs::exists(root / "1-1/code/home"));
    reap_now(root);
    EXPECT_FALSE(fs::exists(root / "1-1"));
}

TEST_F(shop, is_reaped_though_the_process_leaves_at_once) {
    for (const auto* name : {"2-1", "3-1", "4-1"})
        fs::create_directories(root / name / "code/tree/a/b");
    asio::io_context io(1);
    auto leave_at_once = [](fs::path where) -> awaitable<void> { // as a `persais run` does that prints an error
        background<void> reaping(co_await asio::this_coro::executor, remove_stale_workspaces({std::move(where)}, 1min));
        co_await sleep_for(0s);
        co_await reaping.stop();
    };
    asio::co_spawn(io, leave_at_once(root), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    io.run();
    EXPECT_EQ(entries(), 0U);
}

TEST_F(shop, gives_each_run_a_copy_of_what_setup_left) {
    auto place = task_workspace::open(root, {1}, {1}).value();
    auto view = place->check();
    fs::create_directories(view.tree / "built");
    std::ofstream(view.tree / "built/file") << "as set up";
    fs::create_symlink("/nowhere", view.home / "link");
    auto old = fs::file_time_type::clock::now() - 1h;
    fs::last_write_time(view.tree / "built/file", old);

    asio::io_context io(1);
    auto run = [&]() -> awaitable<void> {
        EXPECT_EQ(place->set_up_at(), std::nullopt);
        co_await place->keep_set_up("commit");
        EXPECT_EQ(place->set_up_at(), "commit");
        EXPECT_GT(place->set_up_bytes(), 0U);
        auto chosen = co_await sandbox::choose(true);
        for (int i = 0; i < 2; ++i) {
            co_await place->renew_set_up(*chosen.use);
            EXPECT_EQ(fs::last_write_time(view.tree / "built/file"), old);
            EXPECT_TRUE(fs::is_symlink(view.home / "link"));
            EXPECT_FALSE(fs::exists(view.tree / "left")) << "by the run before";
            std::ofstream(view.tree / "left") << "x";
            std::ofstream(view.tree / "built/file") << "spoilt";
            fs::remove(view.home / "link");
        }
        co_await place->clear();
        EXPECT_EQ(place->set_up_at(), std::nullopt);
    };
    asio::co_spawn(io, run(), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    io.run();
}

TEST_F(shop, that_setup_left_too_deep_is_known_before_anything_is_copied) {
    auto place = task_workspace::open(root, {1}, {1}).value();
    auto view = place->check();
    fs::create_directories(view.tree);
    int at = ::open(view.home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 1000; ++i) { // by descriptors, because no path is so long
        ASSERT_EQ(::mkdirat(at, "inner", 0700), 0);
        int inner = ::openat(at, "inner", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::close(at);
        at = inner;
    }
    ::close(at);

    asio::io_context io(1);
    bool known = false;
    auto run = [&]() -> awaitable<void> {
        try {
            co_await place->keep_set_up("commit");
        } catch (const git::unusable_folder&) {
            known = true;
        }
    };
    asio::co_spawn(io, run(), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    io.run();
    EXPECT_TRUE(known);
    EXPECT_EQ(place->set_up_at(), std::nullopt);
    EXPECT_FALSE(fs::exists(view.home)) << "nothing was copied";
}

TEST_F(shop, that_takes_long_to_remove_does_not_hold_up_a_process_that_leaves) {
    fs::create_directories(root / "2-1/code");
    asio::io_context io(1);
    auto leave_at_once = [](fs::path where) -> awaitable<void> {
        // A removal that never ends, because it waits for ever.
        auto endless = [](fs::path) -> awaitable<void> { co_await sleep_for(1h); };
        background<void> reaping(co_await asio::this_coro::executor,
                                 remove_stale_workspaces({std::move(where)}, 10ms, endless));
        co_await sleep_for(0s);
        co_await reaping.stop();
    };
    asio::co_spawn(io, leave_at_once(root), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    io.run();
    EXPECT_EQ(entries(), 1U) << "the next start goes on";
    reap_now(root);
    EXPECT_EQ(entries(), 0U) << "nobody holds it";
}

TEST_F(shop, a_tree_without_permissions_is_removed_and_links_are_not_followed) {
    auto outside = root / "outside";
    fs::create_directories(outside);
    std::ofstream(outside / "kept") << "x";
    auto tree = root / "tree";
    fs::create_directories(tree / "a/b");
    std::ofstream(tree / "a/b/file") << "x";
    fs::create_directory_symlink(outside, tree / "link");
    fs::permissions(tree / "a/b", fs::perms::none);
    fs::permissions(tree / "a", fs::perms::owner_read);
    remove_tree(tree);
    EXPECT_FALSE(fs::exists(fs::symlink_status(tree)));
    EXPECT_TRUE(fs::exists(outside / "kept"));
}

TEST(reap, of_a_folder_that_is_not_there_is_nothing) {
    EXPECT_TRUE(left_folders("/tmp/persais-none").empty());
}
