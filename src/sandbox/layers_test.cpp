// A tree that is simply there, and one that is layered for each program, are the same to programs, also to those that
// are clones of a prepared parent. As root this tests layers whose files are lent to the task's user; as an ordinary
// user, those of a user namespace, which for a clone is its parent's.
#include "sandbox/choose.hpp"
#include "sandbox/limits.hpp"
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

enum class making { by_a_copy, of_layers, of_layers_for_clones };

class a_tree : public ::testing::TestWithParam<making> {
protected:
    static bool layered() { return GetParam() != making::by_a_copy; }
    void SetUp() override {
        auto chosen = on_a_loop(choose(false, plan_for_this_machine(), {}, {}, disk_));
        if (chosen.use->level() != isolation_level::bubblewrap) GTEST_SKIP() << chosen.why;
        backend_ = std::move(chosen.use);
        found_ = on_a_loop(try_layers(*backend_, folder_.path() / "trial"));
        if (layered() && found_.how == layering::none) GTEST_SKIP() << found_.why;
        make(folder_.path() / "base");
    }
    static void make(const fs::path& at) {
        fs::create_directories(at / "src/deep");
        std::ofstream(at / "src/deep/a") << "a\n";
        std::ofstream(at / "src/b") << "b\n";
        std::ofstream(at / "run") << "#!/bin/sh\necho ran\n";
        fs::permissions(at / "run", fs::perms(0755));
        fs::create_symlink("src/b", at / "link");
        for (const char* name : {"src/deep/a", "src/b", "run"})
            fs::last_write_time(at / name, fs::file_time_type::clock::now() - 100h);
    }
    view new_view() {
        auto folder = folder_.path() / std::to_string(++count_);
        view seen{.tree = folder / "tree", .home = folder / "home", .slot = count_};
        fs::create_directories(seen.home);
        fs::create_directories(seen.tree);
        backend_->hand_over(seen.home, seen.slot);
        if (layered()) {
            seen.tree_layers = {.lower = {{folder_.path() / "base", true}}, .upper = folder / "upper"};
            make_upper(*backend_, seen.tree_layers.upper, seen.slot, fs::perms(0755));
        } else {
            make(seen.tree);
            backend_->hand_over(seen.tree, seen.slot);
        }
        return seen;
    }
    child_result sh(const view& seen, const std::string& script) {
        auto spec = shell(script);
        spec.folder = backend_->inside(seen, seen.tree);
        return started(std::move(spec), seen);
    }
    /// A clone that is started cold fails the test.
    child_result started(child_spec spec, const view& seen) {
        if (GetParam() == making::of_layers_for_clones) return run_cloned(*backend_, std::move(spec), seen);
        return run(backend_->confine(std::move(spec), seen));
    }

    disk_plan disk_{.bytes = 64UL << 20, .files = 2000, .reserve_bytes = 16UL << 20};
    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    layers_found found_;
    unsigned count_ = 0;
};

TEST_P(a_tree, has_the_same_bytes_modes_and_times) {
    auto seen = new_view();
    auto result = sh(seen, "find . -printf '%P %y %m %l\\n' | sort; find . -type f -mmin +5900 -user agent | wc -l; "
                           "cat src/b src/deep/a; ./run");
    EXPECT_EQ(result.output, " d 755 \nlink l 777 src/b\nrun f 755 \nsrc d 755 \nsrc/b f 644 \nsrc/deep d 755 \n"
                             "src/deep/a f 644 \n3\nb\na\nran\n")
        << result.error;
}

TEST_P(a_tree, is_changed_in_every_way_and_keeps_it_for_the_next_program) {
    auto seen = new_view();
    auto changed = sh(seen, "set -e; echo more >> src/b; mv src/deep src/moved; rm run; mkdir run; echo x > run/x; "
                            "chmod 700 src/moved/a; rm link; ln -s nowhere link; mv src/moved there; rm -r src");
    EXPECT_EQ(changed.code, 0) << changed.error;
    auto result = sh(seen, "find . -printf '%P %y %m %l\\n' | sort; cat there/a run/x");
    EXPECT_EQ(result.output, " d 755 \nlink l 777 nowhere\nrun d 755 \nrun/x f 644 \nthere d 755 \nthere/a f 700 \n"
                             "a\nx\n")
        << result.error;
    EXPECT_EQ(sh(new_view(), "cat src/b link; ./run; ls").output, "b\nb\nran\nlink\nrun\nsrc\n") << "another task";
}

TEST_P(a_tree, has_a_folder_moved_by_one_call) {
    if (layered() && found_.how != layering::whole) GTEST_SKIP() << found_.why;
    auto seen = new_view();
    auto result = sh(seen, "python3 -c \"import os; os.rename('src', 'new')\" && mkdir src && ls -R new src");
    EXPECT_EQ(result.output, "new:\nb\ndeep\n\nnew/deep:\na\n\nsrc:\n") << result.error;
}

TEST_P(a_tree, whose_programs_end_without_waiting_for_the_disk) {
    if (!layered()) GTEST_SKIP() << "nothing is mounted";
    auto seen = new_view();
    for (int program = 0; program < 2; ++program)
        EXPECT_EQ(sh(seen, "echo x >> src/b; grep ' /work/tree ' /proc/self/mountinfo | grep -c volatile").output,
                  "1\n");
    EXPECT_EQ(sh(seen, "cat src/b").output, "b\nx\nx\n");
}

TEST_P(a_tree, is_read_only_for_a_question) {
    auto seen = new_view();
    seen.read_only_tree = true;
    EXPECT_NE(sh(seen, "cat src/b && echo x > src/b").code, 0);
    EXPECT_EQ(sh(seen, "cat src/b").output, "b\n");
}

TEST_P(a_tree, that_fills_the_disk_with_what_it_deleted_is_ended) {
    auto seen = new_view();
    auto result = sh(seen, "exec 7> src/b; rm src/b; head -c 90000000 /dev/zero >&7; sleep 20; echo survived");
    EXPECT_EQ(static_cast<int>(result.how), static_cast<int>(ended::out_of_disk)) << result.output << result.error;
}

TEST_P(a_tree, of_a_task_is_no_other_tasks) {
    auto one = new_view(), other = new_view();
    sh(one, "echo mine > secret; echo mine > src/b");
    std::string tries;
    for (const auto& path : {one.tree, one.tree_layers.upper, folder_.path() / "base"})
        if (!path.empty()) tries += "cat " + path.string() + "/secret; echo x > " + path.string() + "/src/b; ";
    auto result = sh(other, tries + "cat secret; cat src/b; grep -c upper /proc/self/mountinfo; "
                                    "mount -o remount,rw /; umount /work/tree; cat src/b");
    EXPECT_EQ(result.output.find("mine"), std::string::npos) << result.output;
    EXPECT_EQ(sh(new_view(), "cat src/b").output, "b\n");
    EXPECT_EQ(sh(one, "cat src/b secret").output, "mine\nmine\n");
}

TEST_P(a_tree, leaves_no_mount_and_no_process_however_its_program_ends) {
    auto seen = new_view();
    auto mark = fresh_mark();
    auto spec = shell("echo up; sleep 60 #" + mark);
    spec.on_output = [](std::string_view) {}; // it is up
    spec.total = 300ms;
    spec.folder = backend_->inside(seen, seen.tree);
    EXPECT_EQ(static_cast<int>(started(std::move(spec), seen).how), static_cast<int>(ended::timed_out));
    for (const auto& each : current_mounts())
        EXPECT_FALSE(each.at.native().starts_with(folder_.path().native())) << each.at;
    EXPECT_EQ(count_marked(mark), 0);
    if (!layered()) return;
    EXPECT_TRUE(fs::is_empty(seen.tree)) << "for everybody else";
    EXPECT_EQ(bytes_of(folder_.path() / "base/src/b"), "b\n");
}

/// What setup left stands below the tree of each run of the checks.
TEST_P(a_tree, of_three_layers_has_what_the_middle_one_says) {
    if (!layered() || found_.how != layering::whole) GTEST_SKIP() << found_.why;
    auto set_up = new_view();
    ASSERT_EQ(sh(set_up, "mv src/deep built && rm run && echo c > src/c").code, 0);
    for (int i = 0; i < 2; ++i) {
        auto seen = set_up;
        seen.tree_layers.lower.insert(seen.tree_layers.lower.begin(), {set_up.tree_layers.upper / "files", false});
        seen.tree_layers.upper = folder_.path() / ("run" + std::to_string(i));
        make_upper(*backend_, seen.tree_layers.upper, seen.slot, fs::perms(0755));
        auto result = sh(seen, "find . -type f | sort; cat built/a; rm -r built; mv src here; echo x > here/c; ls");
        EXPECT_EQ(result.output, "./built/a\n./src/b\n./src/c\na\nhere\nlink\n") << result.error;
    }
}

INSTANTIATE_TEST_SUITE_P(made, a_tree,
                         ::testing::Values(making::by_a_copy, making::of_layers, making::of_layers_for_clones),
                         [](const auto& way) {
                             return way.param == making::by_a_copy   ? "by_a_copy"
                                    : way.param == making::of_layers ? "of_layers"
                                                                     : "of_layers_for_clones";
                         });

} // namespace
} // namespace persais::sandbox
