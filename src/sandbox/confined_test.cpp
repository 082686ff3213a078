// What a confined program can and cannot do. When run as root, these test the variant with a separate uid for each
// task; as an ordinary user, the variant with a user namespace.
#include "sandbox/bubblewrap.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/testing.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

/// Whether bubblewrap itself works here. Where it does, our sandbox must work, otherwise these tests fail.
bool namespaces_are_allowed() {
    auto spec = program({"/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "/bin/true"});
    return run(std::move(spec)).ok();
}

class confined : public ::testing::TestWithParam<beginning> {
protected:
    void SetUp() override {
        auto chosen = on_a_loop(choose(false));
        if (chosen.use->level() != isolation_level::bubblewrap && !namespaces_are_allowed()) GTEST_SKIP() << chosen.why;
        ASSERT_EQ(chosen.use->level(), isolation_level::bubblewrap) << chosen.why;
        backend_ = std::move(chosen.use);
        for (const char* name : {"tree", "home", "tool", "secret"})
            fs::create_directory(folder_.path() / name);
        std::ofstream(folder_.path() / "secret" / "file") << "not for you\n";
        std::ofstream(folder_.path() / "tool" / "file") << "a tool\n";
        std::ofstream(folder_.path() / "tree" / "file") << "work\n";
        seen_ = {.tree = folder_.path() / "tree", .home = folder_.path() / "home", .tools = {folder_.path() / "tool"}};
        hand_over();
    }
    void hand_over() {
        backend_->hand_over(seen_.tree, seen_.slot);
        backend_->hand_over(seen_.home, seen_.slot);
    }
    child_result confined_run(child_spec spec) {
        if (GetParam() == beginning::cloned) return run_cloned(*backend_, std::move(spec), seen_);
        return run(backend_->confine(std::move(spec), seen_));
    }
    child_result sh(const std::string& script) {
        auto spec = shell(script);
        spec.folder = tree_inside;
        return confined_run(std::move(spec));
    }
    child_result python(const std::string& script) { return confined_run(program({"/usr/bin/python3", "-c", script})); }

    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    view seen_;
};

INSTANTIATE_TEST_SUITE_P(started, confined, ::testing::Values(beginning::cold, beginning::cloned), name_of);

TEST_P(confined, runs_with_true_exit_codes_and_signals) {
    EXPECT_EQ(sh("exit 41").code, 41);
    auto dead = sh("kill -ABRT $$");
    EXPECT_EQ(dead.how, ended::signalled);
    EXPECT_EQ(dead.code, SIGABRT);
    auto missing = confined_run(program({"/no/such/program"}));
    EXPECT_EQ(missing.how, ended::could_not_start);
    EXPECT_EQ(missing.code, ENOENT);
}

TEST_P(confined, a_sandbox_that_cannot_be_built_is_not_a_program_that_failed) {
    seen_.home = folder_.path() / "is not there";
    auto result = confined_run(program({"/bin/true"}));
    EXPECT_EQ(result.how, ended::could_not_start);
    EXPECT_NE(result.error.find("is not there"), std::string::npos);
}

TEST_P(confined, whose_sandbox_was_killed_is_no_program_that_ended) {
    for (std::string name : {"persais-keeper", "bwrap", "keeper"}) { // each starts the next, the last the program
        auto spec = shell("echo up; sleep 15");
        spec.on_output = [&](std::string_view) {
            auto found = below_us(name);
            ASSERT_GT(found, 0) << name;
            ::kill(found, SIGKILL);
        };
        auto result = confined_run(std::move(spec));
        EXPECT_EQ(static_cast<int>(result.how), static_cast<int>(ended::interrupted)) << name;
        EXPECT_LT(result.took, 10s) << name;
    }
    EXPECT_EQ(sh("kill -KILL $$").how, ended::signalled) << "that is its own affair";
}

TEST_P(confined, has_exactly_its_environment_input_and_folder) {
    ::setenv("PERSAIS_TEST_LEAK", "yes", 1);
    auto spec = program({"/usr/bin/env"});
    spec.environment = {"A=1", "B=two\nlines"};
    EXPECT_EQ(confined_run(spec).output, "A=1\nB=two\nlines\n");
    EXPECT_EQ(sh("tr '\\0' '\\n' </proc/1/environ").output, "");
    EXPECT_EQ(sh("pwd; ls; ls /proc/self/fd").output, "/work/tree\nfile\n0\n1\n2\n3\n");
    spec = program({"/bin/cat"});
    spec.input = "through";
    EXPECT_EQ(confined_run(spec).output, "through");
}

TEST_P(confined, no_process_list_of_the_host_shows_its_environment) {
    auto mark = fresh_mark();
    auto spec = shell("echo up; sleep 0.3");
    spec.environment.push_back("TOKEN=" + mark);
    int seen = -1;
    spec.on_output = [&](std::string_view) { seen = count_marked(mark); };
    confined_run(spec);
    EXPECT_EQ(seen, 0);
}

TEST_P(confined, is_nobody_with_no_rights) {
    auto result = sh("id -u; id -un; id -G; grep -E 'Cap(Eff|Prm|Inh|Amb)|NoNewPrivs|Seccomp:' /proc/self/status");
    unsigned uid = ::geteuid() == 0 ? task_uids_from : 1000;
    auto id = std::to_string(uid);
    EXPECT_EQ(result.output, id + "\nagent\n" + id + "\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n" +
                                 "CapEff:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_P(confined, goes_after_the_service) {
    EXPECT_EQ(sh("nice").output,
              std::to_string(std::max(limits::child_niceness, ::getpriority(PRIO_PROCESS, 0))) + "\n");
}

TEST_P(confined, is_killed_before_the_service_when_memory_is_out_and_cannot_change_that) {
    EXPECT_EQ(sh("cat /proc/self/oom_score_adj; for value in -1000 -1 0 500 999; do\n"
                 "(echo $value > /proc/self/oom_score_adj) 2>/dev/null && echo \"now $value\"; done\n"
                 "sh -c '(echo 0 > /proc/self/oom_score_adj) 2>/dev/null; cat /proc/self/oom_score_adj'")
                  .output,
              "1000\n1000\n");
}

TEST_P(confined, tasks_have_different_uids) {
    if (::geteuid() != 0) GTEST_SKIP() << "an ordinary user has one uid";
    seen_.slot = 5;
    hand_over();
    EXPECT_EQ(sh("id -u; echo more >> file && stat -c %u file").output, "70005\n70005\n");
}

TEST_P(confined, sees_only_what_is_its_own) {
    auto secret = (folder_.path() / "secret").string();
    EXPECT_NE(sh("cat " + secret + "/file").code, 0);
    EXPECT_EQ(sh("ls /work /home; ls " + folder_.path().string()).output, "/home:\nagent\n\n/work:\ntree\ntool\n");
    EXPECT_EQ(sh("cat " + (folder_.path() / "tool/file").string()).output, "a tool\n");
    EXPECT_NE(sh("echo x > " + (folder_.path() / "tool/new").string()).code, 0);
    for (const char* path : {"/etc/shadow", "/etc/gitconfig", "/etc/ssl/private", "/root/.bashrc", "/sys", "/var/log"})
        EXPECT_NE(sh(std::string("test -e ") + path).code, 0) << path;
}

TEST_P(confined, writes_only_tree_home_and_scratch) {
    EXPECT_EQ(sh("for d in /work/tree /home/agent /tmp /var/tmp /dev/shm; do touch $d/x || echo no $d; done").output,
              "");
    EXPECT_EQ(
        sh("for d in / /usr /usr/bin /etc /work /home /run /opt /var /proc/sys/kernel /dev /run/persais; do touch $d/x "
           "2>/dev/null && echo wrote $d; done; true")
            .output,
        "");
    EXPECT_EQ(sh("echo x > /run/persais/keeper").code != 0, true);
    EXPECT_TRUE(fs::exists(folder_.path() / "tree/x"));
}

TEST_P(confined, a_read_only_tree_is_read_only) {
    seen_.read_only_tree = true;
    EXPECT_EQ(sh("cat file; touch new 2>/dev/null && echo wrote; rm -f file 2>/dev/null; ls").output, "work\nfile\n");
}

TEST_P(confined, what_it_creates_the_service_can_remove) {
    EXPECT_TRUE(sh("mkdir -p a/b && touch a/b/c && chmod 000 a/b/c && chmod 500 a").ok());
    if (::geteuid() != 0) fs::permissions(folder_.path() / "tree/a", fs::perms::owner_all);
    fs::remove_all(folder_.path() / "tree/a");
    EXPECT_FALSE(fs::exists(folder_.path() / "tree/a"));
}

TEST_P(confined, hand_over_follows_no_symlink) {
    if (::geteuid() != 0) GTEST_SKIP() << "an ordinary user gives nothing away";
    fs::create_symlink(folder_.path() / "secret", seen_.tree / "folder");
    fs::create_symlink(folder_.path() / "secret/file", seen_.tree / "link");
    hand_over();
    struct stat info{};
    ::stat((folder_.path() / "secret/file").c_str(), &info);
    EXPECT_EQ(info.st_uid, 0U);
    ::stat((seen_.tree / "file").c_str(), &info);
    EXPECT_EQ(info.st_uid, task_uids_from);
}

TEST_P(confined, a_tree_is_handed_over_while_the_loop_goes_on) {
    if (::geteuid() != 0) GTEST_SKIP() << "an ordinary user gives nothing away";
    fs::create_directories(seen_.tree / "a/b");
    std::ofstream(seen_.tree / "a/b/file") << "deep\n";
    fs::create_symlink(folder_.path() / "secret/file", seen_.tree / "link");
    asio::io_context io(1);
    bool done = false;
    asio::co_spawn(io, backend_->hand_over_beside(seen_.tree, 7), [&](const std::exception_ptr& error) {
        EXPECT_FALSE(error);
        done = true;
    });
    io.poll_one();
    EXPECT_FALSE(done); // started on the loop, but not finished in it
    io.run();
    EXPECT_TRUE(done);
    struct stat info{};
    ::stat((seen_.tree / "a/b/file").c_str(), &info);
    EXPECT_EQ(info.st_uid, task_uids_from + 7);
    ::stat((folder_.path() / "secret/file").c_str(), &info);
    EXPECT_EQ(info.st_uid, 0U);
    auto missing = [](const backend& to, fs::path gone) -> awaitable<bool> {
        co_await to.hand_over_beside(std::move(gone), 7);
        co_return true;
    };
    EXPECT_THROW(on_a_loop(missing(*backend_, seen_.tree / "gone")), std::system_error);
}

/// A listener on the host. `path` empty: TCP on 127.0.0.1.
class listener {
public:
    explicit listener(const fs::path& path) {
        if (path.empty()) {
            fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in address{
                .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
            EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
            socklen_t size = sizeof address;
            ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
            port_ = ntohs(address.sin_port);
        } else {
            fd_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
            sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
            path.string().copy(address.sun_path, sizeof address.sun_path - 1);
            EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
            fs::permissions(path, fs::perms::all);
        }
        EXPECT_EQ(::listen(fd_, 8), 0);
    }
    ~listener() { ::close(fd_); }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    std::string port() const { return std::to_string(port_); }

private:
    int fd_ = -1;
    unsigned port_ = 0;
};

TEST_P(confined, has_no_network) {
    listener host("");
    auto connect = "import socket; socket.create_connection(('127.0.0.1'," + host.port() + "),2); print('reached')";
    EXPECT_NE(python(connect).output, "reached\n");
    EXPECT_EQ(python("import socket; print([n for _, n in socket.if_nameindex()])").output, "['lo']\n");
    EXPECT_EQ(python("import socket; s=socket.create_server(('localhost',0)); "
                     "socket.create_connection(s.getsockname(),2); print('own')")
                  .output,
              "own\n");
}

TEST_P(confined, reaches_the_gateway) {
    auto path = folder_.path() / "gateway.sock";
    listener gateway(path);
    auto connect =
        "import socket; s=socket.socket(socket.AF_UNIX); s.connect('/run/persais/gateway.sock'); print('reached')";
    EXPECT_NE(python(connect).output, "reached\n");
    seen_.gateway = path;
    EXPECT_EQ(python(connect).output, "reached\n");
}

TEST_P(confined, cannot_break_out_by_system_calls) {
    EXPECT_NE(sh("unshare -U true").code, 0);
    EXPECT_NE(sh("unshare -n true").code, 0);
    EXPECT_NE(sh("mount -t tmpfs none /tmp").code, 0);
    auto refused =
        python("import ctypes,os\n"
               "libc=ctypes.CDLL(None,use_errno=True)\n"
               "def call(*a):\n"
               "  ctypes.set_errno(0); r=libc.syscall(*a); return r if r>=0 else ctypes.get_errno()\n"
               "print(call(101,0,0,0,0), call(310,os.getppid(),0,0,0,0,0), call(425,8,0), call(321,0,0,0),"
               " call(323,0), call(272,0x10000000), call(56,0x10000011,0,0,0,0), call(435,0,88), call(308,3,0),"
               " call(250,0,0), call(0x40000000+39))\n");
    EXPECT_EQ(refused.output, "1 1 1 1 1 1 1 38 1 1 38\n") << refused.error;
    EXPECT_EQ(python("import socket\nfor f in (16,17,38,40):\n"
                     "  try: socket.socket(f, socket.SOCK_RAW, 2); print('open', f)\n"
                     "  except OSError as e: print(e.errno)\n")
                  .output,
              "97\n97\n97\n97\n");
    EXPECT_EQ(python("import fcntl,pty\nm,s=pty.openpty()\ntry: fcntl.ioctl(s,0x5412,b'x'); print('typed')\n"
                     "except OSError as e: print(e.errno)")
                  .output,
              "1\n");
}

TEST_P(confined, sees_no_process_of_the_host) {
    auto result =
        sh("ls /proc | grep -E '^[0-9]+$' | wc -l; kill -9 1; cat /proc/1/environ /proc/1/mem 2>/dev/null | wc -c");
    EXPECT_LT(std::stoi(result.output), 6);
    EXPECT_TRUE(result.output.ends_with("\n0\n"));
}

TEST_P(confined, ends_whatever_it_started) {
    auto mark = fresh_mark();
    auto spec =
        shell("trap '' TERM; for i in 1 2 3; do setsid -f sh -c \"trap '' TERM; while :; do sleep 0.05; done\" " +
              mark + "; done; echo up; while :; do sleep 0.05; done");
    spec.total = 2s; // enough time to start
    auto result = confined_run(spec);
    EXPECT_EQ(result.how, ended::timed_out);
    EXPECT_EQ(result.output, "up\n");
    EXPECT_LT(result.took - spec.total, soon);
    EXPECT_EQ(count_marked(mark), 0);
    auto daemon = sh("setsid -f sh -c 'sleep 60' " + mark + "; exit 9"); // a daemon that outlives the program
    EXPECT_EQ(daemon.code, 9);
    EXPECT_LT(daemon.took, soon);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST_P(confined, may_clean_up_at_a_deadline) {
    auto spec = shell("trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.02; done");
    spec.total = 1s;
    bool cleaned = false;
    for (int i = 0; i < 10 && !cleaned; ++i) // a busy machine may delay it by the grace period, but not always
        cleaned = confined_run(spec).output == "up\ncleaned\n";
    EXPECT_TRUE(cleaned);
}

TEST_P(confined, reforkers_do_not_outrun_it) {
    auto mark = fresh_mark();
    auto spec = program(
        {"/usr/bin/python3", "-c",
         "import os\nfor i in range(20):\n  if os.fork()==0:\n    while True:\n      if os.fork(): os._exit(0)\n"
         "while True: pass #" +
             mark});
    spec.total = 500ms;
    auto result = confined_run(spec);
    EXPECT_LT(result.took, soon);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST_P(confined, has_limits) {
    auto spec = shell("ulimit -n; ulimit -c");
    spec.limits.open_files = 99;
    EXPECT_EQ(confined_run(spec).output, "99\n0\n");
}

TEST_P(confined, runs_git_and_python) {
    auto result = sh("export HOME=/home/agent && git init -q -b main . && git config user.email a@example.org && "
                     "git config user.name A && git add file && git commit -qm one && git log --oneline | wc -l && "
                     "python3 -c 'import ssl, multiprocessing as m; print(m.Lock().acquire())'");
    EXPECT_EQ(result.output, "1\nTrue\n") << result.error;
}

TEST_P(confined, names_inside_paths) {
    EXPECT_EQ(backend_->inside(seen_, seen_.tree), "/work/tree");
    EXPECT_EQ(backend_->inside(seen_, seen_.tree / "a/b"), "/work/tree/a/b");
    EXPECT_EQ(backend_->inside(seen_, seen_.home / ".cache"), "/home/agent/.cache");
    EXPECT_EQ(backend_->inside(seen_, seen_.tools[0] / "x"), (seen_.tools[0] / "x").string());
    EXPECT_EQ(backend_->inside(seen_, seen_.tree.string() + "-other"), seen_.tree.string() + "-other");
    seen_.history = seen_.tools[0] / "objects";
    EXPECT_EQ(backend_->inside(seen_, seen_.history / "pack"), "/run/persais/history/pack");
}

TEST_P(confined, reads_what_is_lent_and_cannot_write_it) {
    seen_.tags = folder_.path() / "tags";
    std::ofstream(seen_.tags) << "known";
    auto inside = backend_->inside(seen_, seen_.tags);
    EXPECT_EQ(inside, "/run/persais/tags");
    EXPECT_EQ(sh("cat " + inside + "; echo more 2>/dev/null >" + inside + " || echo no").output, "knownno\n");
}

} // namespace
} // namespace persais::sandbox
