// Clones of a prepared parent in trees that are layered for each program alone: the layers are mounted before the
// sandbox is, in whichever user namespace the clone will be in.
#include "base/background.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/mounts.hpp"
#include "sandbox/testing.hpp"
#include "sandbox/try_layers.hpp"

#include <sys/stat.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class layered_clones : public ::testing::Test {
protected:
    void SetUp() override {
        auto chosen = on_a_loop(choose(false));
        if (chosen.use->level() != isolation_level::bubblewrap) GTEST_SKIP() << chosen.why;
        backend_ = std::move(chosen.use);
        auto found = on_a_loop(try_layers(*backend_, folder_.path() / "trial"));
        if (found.how == layering::none) GTEST_SKIP() << found.why;
        fs::create_directories(base() / "deep");
        std::ofstream(base() / "kept") << "kept\n";
        std::ofstream(base() / "deep/changed") << "before\n";
        std::ofstream(base() / "removed") << "there\n";
    }
    fs::path base() const { return folder_.path() / "base"; }
    view new_view() {
        auto folder = folder_.path() / std::to_string(++count_);
        view seen{.tree = folder / "tree",
                  .home = folder / "home",
                  .tree_layers = {.lower = {{base(), true}}, .upper = folder / "upper"},
                  .slot = count_};
        for (const auto& own : {seen.tree, seen.home})
            fs::create_directories(own);
        backend_->hand_over(seen.home, seen.slot);
        make_upper(*backend_, seen.tree_layers.upper, seen.slot, fs::perms(0755));
        return seen;
    }
    static child_spec in_the_tree(const std::string& script) {
        auto spec = shell(script);
        spec.folder = tree_inside;
        return spec;
    }
    /// Names, kinds, modes, owners, times and bytes of the lower layer.
    std::string of_base() {
        auto spec = shell("find . -printf '%P %y %m %U %T@ %C@\n' -type f -exec cat {} ';'");
        spec.folder = base();
        return run(std::move(spec)).output;
    }
    /// Calls `work` with a parent that is ready.
    void with_a_parent(std::function<awaitable<void>(prepared_parent&, process&)> work) {
        on_a_loop([](const backend& with, auto& what) -> awaitable<bool> {
            auto spec = program({keeper_inside, "parent"});
            spec.total = 60s;
            prepared_parent of(with, std::move(spec), {});
            bool was_ready = false;
            co_await of.live([&](process& itself) -> awaitable<void> {
                was_ready = true;
                co_await what(of, itself);
                itself.kill();
            });
            EXPECT_TRUE(was_ready);
            co_return was_ready;
        }(*backend_, work));
    }

    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    unsigned count_ = 0;
};

TEST_F(layered_clones, change_the_upper_layer_alone) {
    auto before = of_base();
    auto seen = new_view();
    auto result = run_cloned(*backend_,
                             in_the_tree("cat kept && echo after > deep/changed && rm removed && "
                                         "echo new > deep/new && cat deep/changed && ls . deep"),
                             seen);
    EXPECT_EQ(result.output, "kept\nafter\n.:\ndeep\nkept\n\ndeep:\nchanged\nnew\n") << result.error;
    auto files = seen.tree_layers.upper / "files";
    EXPECT_EQ(bytes_of(files / "deep/changed"), "after\n");
    EXPECT_EQ(bytes_of(files / "deep/new"), "new\n");
    EXPECT_FALSE(fs::exists(files / "kept")) << "it was copied although nobody changed it";
    struct stat made{};
    ASSERT_EQ(::stat((files / "deep/new").c_str(), &made), 0);
    EXPECT_EQ(made.st_uid, ::geteuid() == 0 ? task_uids_from + seen.slot : ::geteuid());
    EXPECT_EQ(of_base(), before);
}

TEST_F(layered_clones, and_programs_that_are_started_cold_see_one_tree) {
    auto seen = new_view();
    EXPECT_TRUE(run_cloned(*backend_, in_the_tree("echo by a clone >> kept; mkdir made; rm -r deep"), seen).ok());
    auto cold =
        run(backend_->confine(in_the_tree("cat kept; ls; echo and cold >> kept; rmdir made; mkdir deep"), seen));
    EXPECT_EQ(cold.output, "kept\nby a clone\nkept\nmade\nremoved\n") << cold.error;
    EXPECT_FALSE(cold.cloned);
    auto again = run_cloned(*backend_, in_the_tree("cat kept; ls -A . deep"), seen);
    EXPECT_EQ(again.output, "kept\nby a clone\nand cold\n.:\ndeep\nkept\nremoved\n\ndeep:\n") << again.error;
}

TEST_F(layered_clones, have_a_layered_home_too) {
    auto seen = new_view();
    auto below = folder_.path() / "home below";
    fs::create_directories(below);
    std::ofstream(below / "tool") << "1\n";
    seen.home_layers = {.lower = {{below, true}}, .upper = folder_.path() / "home upper"};
    make_upper(*backend_, seen.home_layers.upper, seen.slot, fs::perms(0700));
    auto result = run_cloned(*backend_,
                             in_the_tree("cat /home/agent/tool kept; echo 2 > /home/agent/tool; cat /home/agent/tool; "
                                         "stat -c %a /home/agent; echo x > x"),
                             seen);
    EXPECT_EQ(result.output, "1\nkept\n2\n700\n") << result.error;
    EXPECT_EQ(bytes_of(below / "tool"), "1\n");
    EXPECT_EQ(bytes_of(seen.home_layers.upper / "files/tool"), "2\n");
    EXPECT_EQ(bytes_of(seen.tree_layers.upper / "files/x"), "x\n");
}

/// An ordinary user's clone has no rights over a network that was made before its sandbox, so it is started cold.
TEST_F(layered_clones, have_a_network_of_their_own_beside_it) {
    std::vector<owned_fd> sockets;
    auto spec = in_the_tree("cat kept; grep -c : /proc/net/dev; echo n > n");
    spec.network = std::make_shared<own_network>(
        own_network{.address = "198.18.0.1",
                    .mask = "255.254.0.0",
                    .listen = "tcp:0.0.0.0:443",
                    .take = [&](std::vector<owned_fd> all) { sockets = std::move(all); }});
    auto seen = new_view();
    child_result result;
    with_a_parent([&](prepared_parent& of, process&) -> awaitable<void> {
        spec.clone = of.offer();
        result = co_await run_child(backend_->confine(std::move(spec), seen));
    });
    EXPECT_EQ(result.output, "kept\n1\n") << result.error;
    EXPECT_EQ(result.cloned, ::geteuid() == 0);
    EXPECT_EQ(sockets.size(), 1U);
    EXPECT_EQ(bytes_of(seen.tree_layers.upper / "files/n"), "n\n");
}

TEST_F(layered_clones, of_one_parent_do_not_meet) {
    std::vector<view> seen{new_view(), new_view()};
    std::vector<child_result> results;
    std::vector<std::string> said(seen.size());
    with_a_parent([&](prepared_parent& of, process&) -> awaitable<void> {
        event all_up(co_await asio::this_coro::executor);
        std::vector<background<child_result>> both;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            auto& one = seen[i];
            // Each waits for a word that only it gets, so that both are there at the same time.
            auto spec = in_the_tree("echo mine-" + std::to_string(one.slot) +
                                    " > kept; echo up; "
                                    "while [ ! -e /home/agent/go ]; do sleep 0.01; done; cat kept; ls");
            spec.clone = of.offer();
            spec.on_output = [&, i](std::string_view piece) {
                said[i] += piece;
                if (std::ranges::all_of(said, [](const auto& text) { return text.starts_with("up\n"); })) all_up.set();
            };
            both.emplace_back(co_await asio::this_coro::executor, run_child(backend_->confine(std::move(spec), one)));
        }
        co_await all_up.wait();
        for (auto& one : seen)
            std::ofstream(one.home / "go") << "";
        for (auto& one : both)
            results.push_back(co_await one.join());
    });
    ASSERT_EQ(results.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(results[i].cloned);
        EXPECT_EQ(said[i], "up\nmine-" + std::to_string(seen[i].slot) + "\ndeep\nkept\nremoved\n") << results[i].error;
    }
    EXPECT_EQ(bytes_of(base() / "kept"), "kept\n");
}

TEST_F(layered_clones, leave_no_mount_in_their_parent) {
    with_a_parent([&](prepared_parent& of, process&) -> awaitable<void> {
        auto parent = below_us("persais-keeper");
        auto mounts = [&] { return bytes_of("/proc/" + std::to_string(parent) + "/mountinfo"); };
        auto before = mounts();
        EXPECT_NE(before, "");
        auto spec = in_the_tree("grep -c ' - overlay ' /proc/self/mountinfo; cat kept");
        spec.clone = of.offer();
        auto seen = new_view();
        auto result = co_await run_child(backend_->confine(std::move(spec), seen));
        EXPECT_TRUE(result.cloned);
        EXPECT_TRUE(result.output.ends_with("kept\n")) << result.error;
        EXPECT_NE(result.output, "0\nkept\n") << "there is no overlay";
        EXPECT_EQ(mounts(), before);
    });
}

TEST_F(layered_clones, whose_parent_has_died_are_started_cold_in_the_same_tree) {
    auto seen = new_view();
    std::shared_ptr<clone_offer> offer;
    with_a_parent([&](prepared_parent& of, process&) -> awaitable<void> {
        offer = of.offer();
        co_return;
    });
    ASSERT_TRUE(offer);
    auto before = of_base();
    auto spec = in_the_tree("cat kept; echo cold > kept; echo n > n; cat kept n");
    spec.clone = offer;
    auto result = run(backend_->confine(std::move(spec), seen));
    EXPECT_EQ(result.output, "kept\ncold\nn\n") << result.error;
    EXPECT_FALSE(result.cloned);
    EXPECT_EQ(bytes_of(seen.tree_layers.upper / "files/kept"), "cold\n");
    EXPECT_EQ(of_base(), before);
}

TEST_F(layered_clones, do_not_begin_without_their_layers) {
    auto seen = new_view();
    seen.tree_layers.lower.front().folder = folder_.path() / "gone";
    std::ofstream(seen.home / "as before") << "x";
    auto result = run_cloned(*backend_, in_the_tree("touch /home/agent/began"), seen);
    EXPECT_EQ(static_cast<int>(result.how), static_cast<int>(ended::could_not_start));
    EXPECT_EQ(result.code, ENOENT);
    EXPECT_FALSE(fs::exists(seen.home / "began"));
}

} // namespace
} // namespace persais::sandbox
