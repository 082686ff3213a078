// Landlock by itself: the keeper is started as it is inside a sandbox, but without one, so that nothing else can
// refuse.
#include "sandbox/keeper/landlock.hpp"
#include "sandbox/keeper/options.hpp"
#include "sandbox/spawn.hpp"
#include "sandbox/testing.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class landlocked : public ::testing::Test {
protected:
    void SetUp() override {
        if (keeper::landlock_version() == 0) GTEST_SKIP() << "this kernel has no Landlock";
        for (const char* name : {"own", "own/below", "other"})
            fs::create_directory(folder_.path() / name);
        std::ofstream(folder_.path() / "other/file") << "there\n";
    }
    child_result sh(const std::string& script) {
        return behind({"/bin/sh", "-c", "cd " + folder_.path().string() + "\n" + script});
    }
    child_result behind(std::vector<std::string> argv) {
        auto spec =
            program({keeper_path(), "enter", "--folder", "/", "--writable", (folder_.path() / "own").string(), "--"});
        spec.argv.insert(spec.argv.end(), argv.begin(), argv.end());
        spec.environment.clear();
        spec.sealed = {std::string("PATH=/usr/bin:/bin\0", 19)};
        return run(std::move(spec));
    }
    temp_dir folder_;
};

TEST_F(landlocked, a_program_changes_only_the_folders_that_are_named) {
    auto seen = sh("echo 1 > own/a && mkdir own/b && mv own/a own/b/c && ln own/b/c own/below/d && cat own/below/d\n"
                   "cat other/file; ls other; echo x > /dev/null && echo device\n"
                   "for what in 'echo x >> other/file' 'touch other/new' 'mkdir other/new' 'mv own/b/c other/c' "
                   "'ln own/b/c other/c' 'rm other/file' 'truncate -s 0 other/file' 'ln -s x other/link' "
                   "'mkfifo other/pipe'; do (eval \"$what\") 2>/dev/null && echo \"did $what\"; done; ls other");
    EXPECT_EQ(seen.output, "1\nthere\nfile\ndevice\nfile\n") << seen.error;
}

TEST_F(landlocked, a_program_writes_nothing_of_proc) {
    auto seen = sh("for file in oom_score_adj comm coredump_filter; do (cat /proc/self/$file > /proc/self/$file) "
                   "2>/dev/null && echo wrote $file; done; test -r /proc/self/status && echo reads");
    EXPECT_EQ(seen.output, "reads\n");
}

TEST_F(landlocked, a_program_reaches_no_abstract_socket_and_signals_nobody_outside) {
    if (keeper::landlock_version() < 6) GTEST_SKIP() << "this kernel's Landlock cannot do that";
    auto mark = fresh_mark();
    int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    mark.copy(address.sun_path + 1, sizeof address.sun_path - 2);
    auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + mark.size());
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(fd, 1), 0);
    auto tries = "import socket, os\n"
                 "try: socket.socket(socket.AF_UNIX).connect('\\0" +
                 mark +
                 "'); print('reached')\n"
                 "except PermissionError: print('refused')\n"
                 "try: os.kill(" +
                 std::to_string(::getpid()) +
                 ", 0); print('signalled')\n"
                 "except PermissionError: print('refused')\n"
                 "s = socket.socket(socket.AF_UNIX); s.bind('\\0own-" +
                 mark +
                 "'); s.listen()\n"
                 "socket.socket(socket.AF_UNIX).connect(s.getsockname()); os.kill(os.getpid(), 0); print('own')\n";
    EXPECT_EQ(run(program({"/usr/bin/python3", "-c", tries})).output, "reached\nsignalled\nown\n")
        << "or it is no test";
    EXPECT_EQ(behind({"/usr/bin/python3", "-c", tries}).output, "refused\nrefused\nown\n");
    ::close(fd);
}

} // namespace
} // namespace persais::sandbox
