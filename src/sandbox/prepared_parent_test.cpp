// Programs that are clones of a prepared parent; here one that has nothing prepared. What holds for each confined
// program is tried for them as well in confined_test.cpp.
#include "sandbox/choose.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/prepared_parent.hpp"
#include "sandbox/testing.hpp"

#include <sys/syscall.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr memory_plan small{.parallel = 1, .task_bytes = 96UL << 20, .all_bytes = 400UL << 20};

class prepared_parent_of : public ::testing::Test {
protected:
    void SetUp() override {
        auto chosen = on_a_loop(choose(false, small, {}, {}, {.bytes = 32UL << 20}));
        if (chosen.use->level() != isolation_level::bubblewrap) GTEST_SKIP() << chosen.why;
        backend_ = std::move(chosen.use);
        for (const auto& own : {seen_.tree, seen_.home}) {
            fs::create_directory(own);
            backend_->hand_over(own, 0);
        }
    }
    child_result cloned(const std::string& python) {
        return run_cloned(*backend_, program({"/usr/bin/python3", "-c", python}), seen_);
    }
    /// What a parent prints that is none.
    std::string says(std::vector<std::string> argv) {
        return on_a_loop([](const backend& with, child_spec what) -> awaitable<child_result> {
                   prepared_parent one(with, std::move(what), {});
                   co_return co_await one.live();
               }(*backend_, program(std::move(argv))))
            .output;
    }

    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    view seen_{.tree = folder_.path() / "tree", .home = folder_.path() / "home"};
};

TEST_F(prepared_parent_of, clones_works_wherever_sandboxes_do) {
    EXPECT_EQ(on_a_loop(why_no_clones(*backend_)), "");
}

TEST_F(prepared_parent_of, clones_is_confined_itself) {
    auto id = std::to_string(::geteuid() == 0 ? task_uids_from + limits::sandbox_slots : 1000);
    EXPECT_EQ(says({"/bin/sh", "-c",
                    "id -u; ls /proc /sys 2>/dev/null; ls /work /home " + folder_.path().string() +
                        " 2>/dev/null\nfor d in / /usr /etc /run /dev; do touch $d/x 2>/dev/null && echo wrote $d; done"
                        "; touch /tmp/x && echo own; ls /etc/shadow /root 2>/dev/null"}),
              id + "\nown\n");
    EXPECT_EQ(says({"/usr/bin/python3", "-c",
                    "import ctypes, os, socket\n"
                    "print([n for _, n in socket.if_nameindex()], ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))\n"
                    "have = (ctypes.c_uint32 * 6)()\n"
                    "ctypes.CDLL(None).capget((ctypes.c_uint32 * 2)(0x20080522, 0), have)\n"
                    "print(list(have))\n"}),
              "['lo'] 1\n[0, 0, 0, 0, 0, 0]\n");
}

TEST_F(prepared_parent_of, clones_signals_nobody_outside) {
    auto result = says({"/usr/bin/python3", "-c",
                        "import os\ntry: os.kill(" + std::to_string(::getpid()) +
                            ", 0); print('signalled')\nexcept PermissionError: print('refused')\n"});
    if (::geteuid() != 0 && on_a_loop(choose(false)).landlock < 6)
        GTEST_SKIP() << "this kernel's Landlock cannot do that";
    EXPECT_EQ(result, "refused\n");
}

TEST_F(prepared_parent_of, a_clone_that_eats_memory_is_ended_as_others_are) {
    auto eater = "x = [bytearray(b'x' * (1 << 20)) for i in range(300)]\nimport time; time.sleep(15)\n";
    EXPECT_EQ(static_cast<int>(cloned(eater).how), static_cast<int>(ended::out_of_memory));
}

TEST_F(prepared_parent_of, a_clone_that_fills_the_disk_is_ended_as_others_are) {
    auto eater = "for n in range(100): open('/home/agent/%d' % n, 'wb').write(bytes(1 << 20))\n"
                 "import time; time.sleep(15)\n";
    EXPECT_EQ(static_cast<int>(cloned(eater).how), static_cast<int>(ended::out_of_disk));
}

TEST_F(prepared_parent_of, a_clone_outlives_its_parent_and_ends_with_its_own_keeper) {
    auto how = on_a_loop([](const backend& with, view place) -> awaitable<std::vector<child_result>> {
        child_spec parent = program({keeper_inside, "parent"});
        prepared_parent of(with, std::move(parent), {});
        std::vector<child_result> results;
        co_await of.live([&](process& itself) -> awaitable<void> {
            for (auto total : {20'000ms, 1'500ms}) {
                auto spec = shell("echo up; sleep 0.5; echo still; " + std::string(total > 5s ? "true" : "sleep 15"));
                spec.total = total;
                spec.clone = of.offer();
                if (total < 5s) spec.on_output = [&](std::string_view) { itself.kill(); };
                results.push_back(co_await run_child(with.confine(std::move(spec), place)));
            }
        });
        co_return results;
    }(*backend_, seen_));
    ASSERT_EQ(how.size(), 2U);
    EXPECT_EQ(how[0].output, "up\nstill\n");
    EXPECT_TRUE(how[0].cloned && how[0].ok());
    EXPECT_EQ(how[1].output, "up\nstill\n") << "it was killed with its parent";
    EXPECT_TRUE(how[1].cloned);
    EXPECT_EQ(static_cast<int>(how[1].how), static_cast<int>(ended::timed_out));
}

TEST_F(prepared_parent_of, nobody_is_asked_of_one_that_is_gone) {
    on_a_loop([](const backend& with) -> awaitable<bool> {
        child_spec parent = program({keeper_inside, "parent"});
        prepared_parent of(with, std::move(parent), {});
        EXPECT_EQ(of.offer(), nullptr);
        auto ended = co_await of.live([&](process&) -> awaitable<void> {
            EXPECT_NE(of.offer(), nullptr);
            of.retire();
            EXPECT_EQ(of.offer(), nullptr);
            co_return;
        });
        EXPECT_TRUE(ended.ok());
        EXPECT_EQ(of.offer(), nullptr);
        co_return true;
    }(*backend_));
}

} // namespace
} // namespace persais::sandbox
