// Programs that are clones of a prepared parent; here one that has nothing prepared. What holds for each confined
// program is tried for them as well in confined_test.cpp.
#include "sandbox/choose.hpp"
#include "sandbox/keeper/protocol.hpp"
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
    struct attempt {
        child_result result;
        std::string output, said;
        int why = -1; // no clone came of it
        ended parent = ended::exited;
    };
    /// Runs a shell that says "in" with an offer of a parent in Python, which does this with the first request and
    /// prints one line; the shell lives until then.
    attempt with_python(const std::string& serve) {
        auto script = "import ctypes, errno, os, socket, struct, sys\n"
                      "join = ctypes.PyDLL('" +
                      std::string(clone_library_inside) +
                      "').persais_join\n"
                      "def forked(with_):\n"
                      "    child = os.fork()\n"
                      "    if child == 0:\n"
                      "        requests.close()\n"
                      "        join(with_.fileno())\n"
                      "        os.execv('/bin/sh', ['sh', '-c', 'echo in; read end'])\n"
                      "    return child\n"
                      "requests = socket.socket(fileno=os.dup(0))\n"
                      "socket.send_fds(requests, [b'ready'], [os.pidfd_open(os.getpid())])\n"
                      "request = socket.socket(fileno=socket.recv_fds(requests, 1, 1)[1][0])\n" +
                      serve;
        return on_a_loop([](const backend& with, child_spec parent, view place) -> awaitable<attempt> {
            prepared_parent of(with, std::move(parent), {});
            attempt made;
            auto ended = co_await of.live([&](process& itself) -> awaitable<void> {
                auto spec = shell("echo in; read end");
                spec.clone = of.offer();
                spec.on_begin = [&made](int why) { made.why = why; };
                // As one does who wants to know later which parent it was, and as other programs do that are started.
                owned_fd other(::dup(spec.clone->socket.get()));
                made.result = co_await run_process(with.confine(std::move(spec), place),
                                                   [&](process& program) -> awaitable<void> {
                                                       if (auto line = co_await program.read_line())
                                                           made.output = line->text;
                                                       if (auto line = co_await itself.read_line())
                                                           made.said = line->text;
                                                   });
                itself.kill();
            });
            if (made.said.empty()) made.said = ended.error;
            made.parent = ended.how;
            co_return made;
        }(*backend_, program({"/usr/bin/python3", "-c", script}), seen_));
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

TEST_F(prepared_parent_of, a_clone_that_comes_late_does_not_enter) {
    // It answers before it has heard anything, so the keeper starts the program, and everything that it said can be
    // read later. What enters would leave the status 0 behind.
    auto found = with_python(R"(
import select
request.send(struct.pack('ii', errno.EIO, 0))
end = select.poll()
end.register(request, select.POLLRDHUP)
print('ended' if end.poll(5000) else 'open', os.WEXITSTATUS(os.waitpid(forked(request), 0)[1]), flush=True)
)");
    EXPECT_EQ(found.said, "ended 1");
    EXPECT_EQ(found.why, EIO);
    EXPECT_FALSE(found.result.cloned);
    EXPECT_EQ(found.output, "in");
}

TEST_F(prepared_parent_of, a_clone_that_hangs_holds_up_the_end_of_no_program) {
    // What it does not read has descriptors of all streams of the program, and of what the keeper says.
    auto found = with_python(R"(
request.send(struct.pack('ii', errno.EIO, 0))
print('hangs', flush=True)
requests.recv(1)
)");
    EXPECT_EQ(found.said, "hangs");
    EXPECT_EQ(found.result.how, ended::exited);
    EXPECT_EQ(found.output, "in");
    EXPECT_EQ(found.parent, ended::killed); // after the program, and not at its own deadline
}

TEST_F(prepared_parent_of, a_clone_of_another_make_than_the_keeper_does_not_enter) {
    // All that the keeper and the clone say passes through the parent; once with another build.
    auto through = [this](const std::string& build) {
        return with_python(R"(
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
forked(theirs)
theirs.close()
for word in 'group', 'place':
    text, fds, _, _ = socket.recv_fds(request, 1 << 16, 16)
    if word == 'place':
        text = text[:4] + )" +
                           build + R"( + text[8:]
    socket.send_fds(ours, [text], fds)
    for fd in fds: os.close(fd)
answer = ours.recv(8)
request.send(answer)
go_on = request.recv(1)
if go_on: ours.send(go_on)
print(struct.unpack('ii', answer)[0], flush=True)
)");
    };
    auto same = through("text[4:8]"), other = through("b'late'");
    EXPECT_EQ(same.said, "0");
    EXPECT_EQ(same.why, 0);
    EXPECT_TRUE(same.result.cloned);
    EXPECT_EQ(same.output, "in");
    EXPECT_EQ(other.why, keeper::other_build);
    EXPECT_FALSE(other.result.cloned);
    EXPECT_EQ(other.output, "in");
}

} // namespace
} // namespace persais::sandbox
