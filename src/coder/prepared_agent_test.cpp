// The agent that is kept ready, with small programs in aider's place that the wrapper's own parent serves.
#include "base/async.hpp"
#include "coder/aider.hpp"
#include "coder/prepared_agent.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/testing.hpp"

#include <csignal>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace persais;
using namespace persais::coder;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace testing_sandbox = persais::sandbox::testing;

namespace {

constexpr auto source = PERSAIS_SOURCE_DIR "/agent";

/// A backend with other parts, or in whose sandboxes nothing comes that it did not start.
class changed final : public sandbox::backend {
public:
    explicit changed(const sandbox::backend& all) : all_(all) {}
    bool takes_clones = true;
    std::vector<fs::path> parts;
    mutable std::vector<std::string> parents; // the programs of all so far

    sandbox::isolation_level level() const override { return all_.level(); }
    sandbox::child_spec confine(sandbox::child_spec spec, const sandbox::view& what) const override {
        if (!takes_clones) spec.clone = nullptr;
        return all_.confine(std::move(spec), what);
    }
    std::optional<sandbox::child_spec> confine_parent(sandbox::child_spec spec,
                                                      const std::vector<fs::path>& tools) const override {
        parents.push_back(spec.argv.front());
        return all_.confine_parent(std::move(spec), tools);
    }
    std::vector<fs::path> parent_parts() const override { return parts; }
    void hand_over(const fs::path& folder, unsigned slot) const override { all_.hand_over(folder, slot); }
    std::string inside(const sandbox::view& what, const fs::path& host) const override {
        return all_.inside(what, host);
    }

private:
    const sandbox::backend& all_;
};

/// An installation whose agent says who it is, and what it has of another's.
class prepared : public ::testing::Test {
protected:
    void SetUp() override {
        auto chosen = testing_sandbox::on_a_loop(sandbox::choose(false));
        if (chosen.use->level() != sandbox::isolation_level::bubblewrap) GTEST_SKIP() << chosen.why;
        backend_ = std::move(chosen.use);
        use_ = backend_.get();
        fs::create_directories(at("env/bin"));
        fs::create_symlink("/usr/bin/python3", at("env/bin/python"));
        fs::create_directories(at("agent/persais_agent"));
        fs::copy_file(fs::path(source) / "persais_agent/prepared.py", at("agent/persais_agent/prepared.py"));
        write("agent/persais_agent/__init__.py", "");
        loads("None");
        write("agent/run.py", "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport agent\n"
                              "sys.exit(agent.main())\n");
        says("how");
        place_ = {.tree = at("tree"), .home = at("home")};
        for (const auto& own : {place_.tree, place_.home}) {
            fs::create_directory(own);
            backend_->hand_over(own, place_.slot);
        }
        fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    }

    fs::path at(const std::string& name) const { return folder_.path() / name; }
    void write(const std::string& name, const std::string& text) const { std::ofstream(at(name)) << text; }
    /// What the parent loads, an expression of Python.
    void loads(const std::string& expression) const {
        write("agent/prepared.py", "import _thread, os, sys, time\nsys.path.insert(0, os.path.dirname(__file__))\n"
                                   "from persais_agent import prepared\n"
                                   "import agent\n"
                                   "prepared.serve(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), load=lambda: " +
                                       expression + ", run=lambda: prepared.leave(agent.main()))\n");
    }
    /// The agent's answer is this expression of Python.
    void says(const std::string& expression) const {
        write("agent/agent.py", "import json, os, random, signal, sys, tempfile\n"
                                "def main():\n"
                                "    how = os.path.basename(open('/proc/self/cmdline').read().split(chr(0))[2])\n"
                                "    job = json.loads(sys.stdin.buffer.read())\n"
                                "    print(json.dumps({'event': 'result', 'verdict': 'answered', 'answer': str(" +
                                    expression + ")}))\n    return 0\n");
    }

    awaitable<std::string> answer(const aider& agent) {
        auto said = co_await agent.run(
            {.place = place_, .instruction = "x", .limits = {.total = 20s, .idle = 20s, .last_sign = {}}}, {});
        co_return said.how == ending::answered ? said.answer : said.reason;
    }
    /// Runs until one is cloned: a parent is started by the first run, which does not wait for it.
    awaitable<std::string> cloned_answer(const aider& agent) {
        for (int i = 0; i < 200; ++i)
            if (auto said = co_await answer(agent); said.find("prepared.py") != said.npos) co_return said;
        co_return "never";
    }
    /// Runs, each of which is started, until something was told.
    awaitable<void> run_until_told(const aider& agent) {
        for (int i = 0; i < 200 && told_.empty(); ++i)
            EXPECT_EQ(co_await answer(agent), "run.py");
    }
    /// Its first offer, which may be the one of a run.
    awaitable<std::shared_ptr<sandbox::clone_offer>> offer_of(prepared_agent& kept) {
        for (kept.loaded();;) {
            if (auto offer = kept.offer()) co_return offer;
            co_await asio::steady_timer(co_await asio::this_coro::executor, 10ms).async_wait(asio::use_awaitable);
        }
    }
    /// Calls `act` with an agent that keeps a parent.
    template <class F>
    void with_agent(F act, prepared_times times = {}) {
        testing_sandbox::on_a_loop([](auto& self, auto& acts, auto with_times) -> awaitable<bool> {
            auto executor = co_await asio::this_coro::executor;
            self.was_told_.emplace(executor);
            auto tell = [&self](const std::string& why) {
                self.told_.push_back(why);
                self.was_told_->set();
            };
            prepared_agent kept(executor, *self.use_, self.where(), tell, with_times);
            aider agent(*self.use_, self.where(), [] { return aider_options{}; }, &kept);
            co_await acts(agent, kept);
            co_await kept.stop();
            self.was_told_.reset();
            co_return true;
        }(*this, act, times));
    }
    /// The processes that run this installation's parent, by their ids.
    std::set<std::string> parents() const {
        std::set<std::string> found;
        for (const auto& process : fs::directory_iterator("/proc")) {
            std::ifstream in(process.path() / "cmdline");
            std::string words((std::istreambuf_iterator<char>(in)), {});
            if (words.starts_with(at("env/bin/python").string() + '\0' + "-I" + '\0' +
                                  at("agent/prepared.py").string()))
                found.insert(process.path().filename());
        }
        return found;
    }
    aider_installation where() const { return {at("env"), at("agent/run.py")}; }

    temp_dir folder_;
    std::unique_ptr<sandbox::backend> backend_;
    const sandbox::backend* use_ = nullptr; // by the agent
    sandbox::view place_;
    std::vector<std::string> told_;
    std::optional<event> was_told_;
};

} // namespace

TEST_F(prepared, the_first_run_is_started_and_later_ones_are_cloned) {
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> {
        auto first = co_await answer(agent);
        EXPECT_EQ(first, "run.py");
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py");
    });
    EXPECT_TRUE(told_.empty()) << told_.front();
}

TEST_F(prepared, a_clone_has_nothing_of_its_parent_or_of_another) {
    says("how + ' %r %r %r %r %s %s' % (sorted(os.listdir('/proc/self/fd')), sorted(os.environ), "
         "[line.split()[5:] for line in open('/proc/self/maps') if 'rw-s' in line], "
         "[signal.getsignal(s).name for s in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGTERM)], os.getcwd(), "
         "(random.random(), next(tempfile._get_candidate_names())))");
    with_agent([this](aider& agent, prepared_agent& kept) -> awaitable<void> {
        co_await offer_of(kept);
        auto one = co_await answer(agent), other = co_await answer(agent);
        EXPECT_NE(one, other) << "they draw the same random numbers";
        EXPECT_TRUE(one.starts_with("prepared.py ['0', '1', '2', '3'] ['GIT_CONFIG_NOSYSTEM', 'HOME', 'LANG', "
                                    "'LITELLM_LOCAL_MODEL_COST_MAP', 'NO_COLOR', 'PATH', 'PYTHONDONTWRITEBYTECODE', "
                                    "'PYTHONUTF8', 'TERM'] [] ['SIG_IGN', 'SIG_DFL', 'SIG_DFL'] /work/tree "))
            << one; // 3 is the listing itself
    });
}

TEST_F(prepared, what_is_installed_anew_is_loaded_anew) {
    says("how + ' old'");
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> {
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py old");
        says("how + ' new'");
        write("agent/persais_agent/more.py", "");
        EXPECT_EQ(co_await answer(agent), "run.py new");
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py new");
    });
    EXPECT_TRUE(told_.empty()) << told_.front();
}

TEST_F(prepared, is_replaced_with_the_keeper_of_its_clones) {
    changed other(*backend_);
    other.parts = {at("keeper")};
    use_ = &other;
    write("keeper", "old");
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> {
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py");
        write("new", "new");
        fs::rename(at("new"), at("keeper"));
        EXPECT_EQ(co_await answer(agent), "run.py");
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py");
    });
    EXPECT_TRUE(told_.empty()) << told_.front();
}

TEST_F(prepared, is_not_loaded_beside_the_run_that_loads_the_same) {
    changed watched(*backend_);
    use_ = &watched;
    write("agent/agent.py", "import json\ndef main():\n"
                            "    print(json.dumps({'event': 'progress', 'stage': 'asking_model'}), flush=True)\n"
                            "    print(json.dumps({'event': 'result', 'verdict': 'answered', 'answer': 'x'}))\n");
    std::optional<std::size_t> before;
    with_agent([&](aider& agent, prepared_agent& kept) -> awaitable<void> {
        co_await agent.run(
            {.place = place_, .instruction = "x", .limits = {.total = 20s, .idle = 20s, .last_sign = {}}},
            {.progress = [&](auto&&...) { before = watched.parents.size(); }});
        co_await offer_of(kept);
    });
    EXPECT_EQ(before, 0U);
    EXPECT_EQ(watched.parents.size(), 2U); // the one that tries whether there can be any, and itself
}

TEST_F(prepared, nothing_is_loaded_where_no_clone_comes_into_a_sandbox) {
    changed other(*backend_);
    other.takes_clones = false;
    use_ = &other;
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> { co_await run_until_told(agent); });
    EXPECT_EQ(other.parents, std::vector<std::string>{sandbox::keeper_inside});
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_NE(told_.front().find("a prepared process could not enter a sandbox"), std::string::npos) << told_.front();
}

TEST_F(prepared, one_that_cannot_be_loaded_is_told_once_and_each_run_is_started) {
    write("agent/prepared.py", "raise SystemExit('nothing to load')\n");
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> {
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ(co_await answer(agent), "run.py");
    });
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_TRUE(told_.front().ends_with("nothing to load\n")) << told_.front();
}

TEST_F(prepared, a_clone_that_does_not_get_into_its_sandbox_costs_no_run) {
    auto text = std::string("import os, socket, sys, time\nrequests = socket.socket(fileno=0)\n"
                            "socket.send_fds(requests, [b'ready'], [os.pidfd_open(os.getpid())])\n"
                            "while True:\n    data, fds, _, _ = socket.recv_fds(requests, 1, 1)\n"
                            "    if not data: break\n    os.close(fds[0])\n");
    write("agent/prepared.py", text);
    with_agent([this](aider& agent, prepared_agent& kept) -> awaitable<void> {
        co_await offer_of(kept);
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ(co_await answer(agent), "run.py");
    });
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_TRUE(told_.front().ends_with("a clone did not get into its sandbox: Broken pipe")) << told_.front();
}

TEST_F(prepared, one_that_was_killed_is_replaced) {
    with_agent([this](aider& agent, prepared_agent& kept) -> awaitable<void> {
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py");
        auto offer = kept.offer();
        EXPECT_TRUE(offer && ::syscall(SYS_pidfd_send_signal, offer->process->get(), SIGKILL, nullptr, 0) == 0);
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py");
    });
    EXPECT_EQ(told_.size(), 1U);
}

TEST_F(prepared, one_with_a_thread_is_none) {
    loads("_thread.start_new_thread(time.sleep, (1000,))"); // Python's own count of threads does not have it
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> { co_await run_until_told(agent); });
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_TRUE(told_.front().ends_with("has started a thread, which a fork does not have\n")) << told_.front();
}

TEST_F(prepared, nobody_of_its_own_user_may_look_into_it) {
    with_agent([this](aider&, prepared_agent& kept) -> awaitable<void> {
        auto offer = co_await offer_of(kept);
        std::ifstream of("/proc/self/fdinfo/" + std::to_string(offer->process->get()));
        std::string word, pid;
        while (of >> word)
            if (word == "Pid:") of >> pid;
        struct stat files{};
        EXPECT_EQ(::stat(("/proc/" + pid + "/environ").c_str(), &files), 0);
        std::ifstream status("/proc/" + pid + "/status");
        uid_t user = 0;
        while (status >> word)
            if (word == "Uid:") status >> user;
        EXPECT_NE(user, 0U);
        EXPECT_NE(files.st_uid, user); // else it would be dumpable
    });
}

TEST_F(prepared, one_whose_clone_does_not_get_in_is_given_up_while_that_run_goes_on) {
    write("agent/prepared.py", "import os, socket, struct\nrequests = socket.socket(fileno=0)\n"
                               "socket.send_fds(requests, [b'ready'], [os.pidfd_open(os.getpid())])\n"
                               "while True:\n    data, fds, _, _ = socket.recv_fds(requests, 1, 1)\n"
                               "    if not data: break\n    request = socket.socket(fileno=fds[0])\n    try: "
                               "request.send(struct.pack('ii', " +
                                   std::to_string(keeper::other_build) + ", 0))\n    except BrokenPipeError: pass\n");
    says("how + open(os.environ['HOME'] + '/go').readline()");
    ASSERT_EQ(::mkfifo(at("home/go").c_str(), 0600), 0);
    backend_->hand_over(at("home"), place_.slot);
    sandbox::owned_fd go(::open(at("home/go").c_str(), O_RDWR | O_CLOEXEC));
    with_agent([&](aider& agent, prepared_agent& kept) -> awaitable<void> {
        co_await offer_of(kept);
        background<std::string> run(co_await asio::this_coro::executor, answer(agent));
        try {
            co_await with_deadline(10s, was_told_->wait());
        } catch (const deadline_passed&) {
        }
        EXPECT_EQ(told_.size(), 1U);
        EXPECT_FALSE(run.finished());
        EXPECT_EQ(::write(go.get(), " on\n", 4), 4);
        EXPECT_EQ(co_await run.join(), "run.py on\n");
    });
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_TRUE(told_.front().ends_with("made for another persais-keeper than the one that is there now"))
        << told_.front();
}

TEST_F(prepared, one_that_hangs_while_it_loads_is_ended) {
    loads("time.sleep(1000)");
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> { co_await run_until_told(agent); },
               {.start = 1s});
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_NE(told_.front().find("was not ready within 1 s"), std::string::npos) << told_.front();
    EXPECT_EQ(parents().size(), 0U);
}

TEST_F(prepared, ones_that_hang_do_not_pile_up) {
    loads("time.sleep(1000)");
    with_agent(
        [this](aider& agent, prepared_agent&) -> awaitable<void> {
            for (int i = 0; i < 200 && parents().empty(); ++i)
                co_await answer(agent);
            auto old = parents();
            EXPECT_EQ(old.size(), 1U);
            write("agent/persais_agent/more.py", "");
            for (int i = 0; i < 200 && parents().contains(*old.begin()); ++i)
                co_await answer(agent);
            EXPECT_FALSE(parents().contains(*old.begin()));
        },
        {.end = 100ms});
    EXPECT_TRUE(told_.empty()) << told_.front();
}

TEST_F(prepared, one_has_a_limit_of_memory_that_is_none_of_its_clones) {
    loads("bytearray(300 << 20)");
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> { co_await run_until_told(agent); });
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_TRUE(told_.front().ends_with("MemoryError\n")) << told_.front();
    loads("bytearray(150 << 20)");
    says("how + ' %d' % (len(bytearray(300 << 20)) >> 20)");
    with_agent([this](aider& agent, prepared_agent&) -> awaitable<void> {
        EXPECT_EQ(co_await cloned_answer(agent), "prepared.py 300");
    });
}

TEST(plan_with_agent, takes_no_task_its_place_or_what_it_needs) {
    constexpr std::uint64_t mib = 1 << 20, gib = 1 << 30;
    auto plan = [](std::uint64_t total, unsigned wanted = 0) {
        return plan_with_agent(sandbox::plan_memory(total, wanted));
    };
    EXPECT_EQ(plan(2 * gib), (sandbox::memory_plan{2, 768 * mib, 1792 * mib}));
    EXPECT_EQ(plan(24 * gib), (sandbox::memory_plan{8, 2784 * mib, 22528 * mib}));
    EXPECT_FALSE(plan(1 * gib));
    EXPECT_FALSE(plan(256 * mib));
    EXPECT_FALSE(plan(24 * gib, 30));
    EXPECT_TRUE(plan(24 * gib, 29)); // 768 MiB and not more
}
