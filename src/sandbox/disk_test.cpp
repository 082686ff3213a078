// Programs that use too much of the disk, as a task's tests may.
#include "base/locked_directory.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/disk.hpp"
#include "sandbox/folders.hpp"
#include "sandbox/keeper/disk.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/testing.hpp"

#include <atomic>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <thread>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr std::uint64_t mega = 1UL << 20;
constexpr disk_plan small{.bytes = 64 * mega, .files = 2000, .reserve_bytes = 16 * mega};

const std::string python_head = "import mmap, os, sys, time\n"
                                "def fill(f, n):\n"
                                "  for i in range(n): f.write(b'x' * (1 << 20))\n"
                                "  f.flush()\n";

class disk : public ::testing::Test {
protected:
    void SetUp() override { choose_with(small); }
    void choose_with(disk_plan plan) {
        auto chosen = on_a_loop(choose(true, plan_for_this_machine(), {}, {}, plan));
        if (chosen.use->level() != isolation_level::bubblewrap) GTEST_SKIP() << chosen.why;
        backend_ = std::move(chosen.use);
    }
    /// A task of its own for each program.
    view new_view() {
        auto folder = folder_.path() / std::to_string(++count_);
        view seen{.tree = folder / "tree", .home = folder / "home", .slot = count_};
        for (const auto& part : {seen.tree, seen.home}) {
            fs::create_directories(part);
            backend_->hand_over(part, seen.slot);
        }
        return seen;
    }
    child_spec python(const view& seen, const std::string& script) {
        auto spec = program({"/usr/bin/python3", "-c", python_head + script});
        spec.environment.push_back("HOME=" + backend_->inside(seen, seen.home));
        spec.folder = backend_->inside(seen, seen.tree);
        spec.total = 60s;
        return backend_->confine(std::move(spec), seen);
    }
    child_result run_python(const std::string& script) { return run(python(new_view(), script)); }
    /// Expects that the program is ended for it, and with it everything that it started.
    void expect_ended(const std::string& script, const std::string& words, keeper::disk_excess what) {
        auto mark = fresh_mark();
        auto result = run_python(script + "\ntime.sleep(60)\nprint('survived')\n#" + mark);
        EXPECT_EQ(result.how, ended::out_of_disk) << result.code << result.output << result.error;
        EXPECT_EQ(result.disk, what);
        EXPECT_EQ(disk_words(result), words);
        EXPECT_EQ(result.output, "");
        EXPECT_LT(result.took, 40s);
        EXPECT_EQ(count_marked(mark), 0);
    }
    void expect_too_many_bytes(const std::string& script) {
        expect_ended(script, "used more than 64 MB of disk and was ended", keeper::disk_excess::bytes);
    }

    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    unsigned count_ = static_cast<unsigned>(::getpid()) % (limits::sandbox_slots / 2 - 50);
};

TEST_F(disk, that_is_filled_by_many_files_ends_the_program) {
    expect_too_many_bytes("for n in range(100): fill(open(str(n), 'wb'), 4)");
}

TEST_F(disk, is_counted_over_tree_and_home_together) {
    expect_too_many_bytes("for n in range(5):\n"
                          "  fill(open('a%d' % n, 'wb'), 8)\n"
                          "  fill(open(os.environ['HOME'] + '/b%d' % n, 'wb'), 8)");
}

TEST_F(disk, that_a_deleted_file_takes_is_counted) {
    expect_too_many_bytes("f = open('x', 'wb'); os.unlink('x')\n"
                          "g = open('y', 'wb'); os.unlink('y')\n"
                          "fill(f, 40); fill(g, 40)");
}

TEST_F(disk, that_a_deleted_file_takes_which_is_only_mapped_is_counted) {
    expect_too_many_bytes("m = []\n"
                          "for n in range(4):\n"
                          "  f = open('x', 'w+b'); os.unlink('x'); fill(f, 20)\n"
                          "  m.append(mmap.mmap(f.fileno(), 20 << 20)); f.close()");
}

TEST_F(disk, in_folders_that_the_task_closed_to_everybody_is_counted) {
    expect_too_many_bytes("for n in range(12):\n"
                          "  os.mkdir('d%d' % n); fill(open('d%d/x' % n, 'wb'), 8); os.chmod('d%d' % n, 0)");
}

TEST_F(disk, far_below_other_folders_is_counted) {
    expect_too_many_bytes("d = os.open('.', os.O_RDONLY)\n"
                          "for n in range(1500):\n"
                          "  os.mkdir('dddddddddd', dir_fd=d); e = os.open('dddddddddd', os.O_RDONLY, dir_fd=d)\n"
                          "  os.close(d); d = e\n"
                          "for n in range(12):\n"
                          "  fill(open(os.open('f%d' % n, os.O_WRONLY | os.O_CREAT, dir_fd=d), 'wb'), 8)");
}

TEST_F(disk, of_children_that_left_the_session_is_counted) {
    expect_too_many_bytes("for n in range(12):\n"
                          "  if os.fork() == 0:\n"
                          "    os.setsid()\n"
                          "    if os.fork() == 0: fill(open('x%d' % n, 'wb'), 8); time.sleep(60)\n"
                          "    os._exit(0)");
}

TEST_F(disk, cannot_be_taken_at_once) {
    auto result = run_python("f = open('x', 'wb')\n"
                             "import ctypes, fcntl, struct\n"
                             "libc = ctypes.CDLL(None, use_errno=True)\n"
                             "off = ctypes.c_long\n"
                             "print(libc.fallocate(f.fileno(), 0, off(0), off(32 << 20)), ctypes.get_errno())\n"
                             "print(libc.fallocate(f.fileno(), 3, off(0), off(4096)))\n"
                             "try: fcntl.ioctl(f, 0x4030582a, struct.pack('hxxxxxxqqiI16x', 0, 0, 32 << 20, 0, 0))\n"
                             "except OSError as e: print(e.errno)\n"
                             "os.posix_fallocate(f.fileno(), 0, 8 << 20)\n"
                             "print(os.stat('x').st_size >> 20, os.stat('x').st_blocks >> 11)\n");
    EXPECT_EQ(result.output, "-1 95\n0\n1\n8 8\n") << result.error;
}

TEST_F(disk, of_one_file_that_is_too_large_is_told_the_same) {
    auto result = run(python(new_view(), "import signal\n"
                                         "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
                                         "f = open('x', 'wb')\n"
                                         "os.truncate(f.fileno(), 65 << 20)\n"));
    EXPECT_EQ(result.how, ended::out_of_disk);
    EXPECT_EQ(disk_words(result), "used more than 64 MB of disk and was ended");
}

TEST_F(disk, that_was_exceeded_before_the_program_ended_by_itself_is_told) {
    auto result = run_python("for n in range(20): fill(open(str(n), 'wb'), 4)\nprint('done')");
    EXPECT_EQ(result.how, ended::out_of_disk);
    EXPECT_EQ(result.disk, keeper::disk_excess::bytes);
}

TEST_F(disk, files_are_limited_in_number) {
    expect_ended("for n in range(3000): open(str(n), 'w')", "made more than 2000 files and was ended",
                 keeper::disk_excess::files);
}

TEST_F(disk, files_in_memory_are_limited_in_number_too) {
    expect_ended("for n in range(3000): open('/tmp/%d' % n, 'w')", "made more than 2000 files and was ended",
                 keeper::disk_excess::files);
}

TEST_F(disk, that_is_given_back_is_not_counted) {
    auto result = run_python("for n in range(40):\n"
                             "  f = open('x', 'wb'); fill(f, 8); f.close(); os.unlink('x')\n"
                             "fill(open('y', 'wb'), 40)\n"
                             "for n in range(100): os.link('y', 'z%d' % n)\n"
                             "time.sleep(1.5)\n"
                             "print('done')");
    EXPECT_EQ(result.output, "done\n") << static_cast<int>(result.how) << disk_words(result);
}

TEST_F(disk, that_one_program_takes_ends_no_other) {
    asio::io_context io(1);
    std::vector<child_result> results(4);
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto spec = python(new_view(), i == 0 ? "for n in range(20): fill(open(str(n), 'wb'), 8)\ntime.sleep(60)"
                                              : "fill(open('own', 'wb'), 8)\ntime.sleep(3)\nprint('done')");
        asio::co_spawn(io, run_child(std::move(spec)), [&results, i](std::exception_ptr e, child_result r) {
            EXPECT_FALSE(e);
            results[i] = std::move(r);
        });
    }
    io.run();
    EXPECT_EQ(results[0].how, ended::out_of_disk);
    for (std::size_t i = 1; i < results.size(); ++i)
        EXPECT_EQ(results[i].output, "done\n") << i << disk_words(results[i]);
}

/// A disk of its own, 256 MiB; only root can make one.
class small_disk : public disk {
protected:
    void SetUp() override {
        disk::SetUp();
        if (IsSkipped()) return;
        if (::geteuid() != 0 || ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=256m,mode=755") != 0)
            GTEST_SKIP() << "only root can make a small disk here";
        mounted_ = true;
    }
    void TearDown() override {
        if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
    }
    std::uint64_t free_now() const { return fs::space(folder_.path()).available; }

private:
    bool mounted_ = false;
};

TEST_F(small_disk, has_a_reserve_that_no_task_takes) {
    choose_with({.bytes = 1024 * mega, .files = 100'000, .reserve_bytes = 64 * mega}); // an eighth of it: 32 MiB
    auto seen = new_view();
    std::atomic<bool> over = false;
    std::uint64_t least = free_now();
    std::thread look([&] {
        while (!over) {
            least = std::min(least, free_now());
            std::this_thread::yield();
        }
    });
    auto result = run(python(seen, "try:\n"
                                   "  for n in range(300): fill(open(str(n), 'wb'), 1); time.sleep(0.004)\n"
                                   "except OSError as e: print(e)\n"
                                   "time.sleep(60)"));
    over = true;
    look.join();
    EXPECT_EQ(result.how, ended::out_of_disk) << result.output;
    EXPECT_EQ(result.disk, keeper::disk_excess::reserve);
    EXPECT_NE(disk_words(result).find("was ended because the disk is almost full"), std::string::npos);
    EXPECT_EQ(result.output, "");
    EXPECT_GE(least, 24 * mega);
}

TEST(disk_looks, come_the_oftener_the_less_is_left) {
    constexpr unsigned long long gib = 1ULL << 30;
    EXPECT_EQ(keeper::next_disk_look_ms(4 * gib, 100 * gib), keeper::disk_watch_most_ms);
    EXPECT_EQ(keeper::next_disk_look_ms(gib, 100 * gib), 128);
    EXPECT_EQ(keeper::next_disk_look_ms(4 * gib, gib), 128);
    EXPECT_EQ(keeper::next_disk_look_ms(0, gib), keeper::disk_watch_least_ms);
}

TEST(disk_words_of, a_limit_are_as_people_say_them) {
    EXPECT_EQ(gigabytes(4UL << 30), "4 GB");
    EXPECT_EQ(gigabytes(600UL << 20), "600 MB");
    EXPECT_EQ(gigabytes(1536UL << 20), "1536 MB");
}

/// Folders inside one another, `depth` of them, with a file in the last.
void nest(const fs::path& top, int depth) {
    int at = ::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < depth; ++i) {
        ASSERT_EQ(::mkdirat(at, "folder", 0755), 0);
        int next = ::openat(at, "folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::close(at);
        at = next;
    }
    ::close(::openat(at, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    ::close(at);
}

TEST(walk, reaches_any_depth_with_few_descriptors) {
    temp_dir folder;
    nest(folder.path(), 2000);
    fs::create_directories(folder.path() / "beside/inner");
    fs::create_directory_symlink("/usr", folder.path() / "link");
    int folders = 0, files = 0, most = 0;
    keeper::walk all;
    int error = all.below(folder.path().c_str(), [&](int at, const char* name, const struct stat& info) {
        folders += S_ISDIR(info.st_mode);
        files += std::string_view(name) == "file";
        most = std::max(most, at);
        return 0;
    });
    EXPECT_EQ(error, 0);
    EXPECT_EQ(folders, 2002);
    EXPECT_EQ(files, 1);
    EXPECT_LT(most, 200);
    remove_tree(folder.path());
}

TEST(walk, stops_with_the_first_error) {
    temp_dir folder;
    fs::create_directories(folder.path() / "a/b");
    keeper::walk all;
    EXPECT_EQ(all.below(folder.path().c_str(), [](int, const char*, const struct stat&) { return EPIPE; }), EPIPE);
    EXPECT_EQ(keeper::walk().below("/no/such/folder", [](int, const char*, const struct stat&) { return 0; }), ENOENT);
}

TEST(walk, gives_a_tree_of_any_depth_to_a_user) {
    temp_dir folder;
    nest(folder.path(), 1000);
    give_to(folder.path(), ::getuid(), ::getgid());
    if (::geteuid() == 0) give_to(folder.path(), 70001, 70001);
    struct stat info{};
    ASSERT_EQ(::stat((folder.path() / "folder").c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, ::geteuid() == 0 ? 70001 : ::getuid());
    remove_tree(folder.path());
}

TEST(walk, measures_a_tree_of_any_depth_and_its_longest_path) {
    temp_dir folder;
    nest(folder.path(), 100);
    std::ofstream(folder.path() / "file") << std::string(40'000, 'x');
    fs::create_hard_link(folder.path() / "file", folder.path() / "same");
    keeper::folder_measure found;
    ASSERT_EQ(keeper::measure_all(folder.path().c_str(), found), 0);
    EXPECT_FALSE(found.blind);
    EXPECT_EQ(found.longest_path, 100 * std::strlen("folder/") + std::strlen("file"));
    EXPECT_GE(found.bytes, 40'000U);
    keeper::folder_measure missing;
    EXPECT_EQ(keeper::measure_all("/no/such/folder", missing), ENOENT);
    remove_tree(folder.path());
}

} // namespace
} // namespace persais::sandbox
