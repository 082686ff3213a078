#include "git/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "sandbox/try_layers.hpp"
#include "worker/check_run.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using mechanic::check_outcome;
namespace fs = std::filesystem;

namespace {

struct no_agent final : coder::agent {
    std::string second_model() const override { return {}; }
    awaitable<coder::report> run(coder::job, coder::listener) const override { co_return coder::report{}; }
};

/// Tasks whose checks run over what one of them set up. Each setup leaves a file `id` of its own.
struct checks_of_tasks : ::testing::Test {
    git::testing::world repository;
    sandbox::layering layers = repository.layers();
    fs::path root = repository.folder.path() / "tasks";
    int tasks = 0, setups = 0;
    host_rules hosts;
    std::shared_ptr<const service::known_repository> own;
    std::string feedback; // of the checks that ran last

    void SetUp() override {
        if (layers != sandbox::layering::whole || ::geteuid() != 0) GTEST_SKIP() << "the trees of checks are copied";
        fs::create_directories(root);
    }
    /// How the checks of the base are in a new task; `setups` counts those that ran.
    check_outcome base_with(const std::string& check, const std::string& setup = "cat /proc/sys/kernel/random/uuid > "
                                                                                 "id") {
        auto place = task_workspace::open(root, {++tasks}, {1}).value();
        return check_in(*place, check, setup);
    }
    check_outcome check_in(task_workspace& place, const std::string& check, const std::string& setup) {
        config::settings settings;
        system_clock time;
        service::remote_tokens tokens;
        no_agent agent;
        tree_additions beyond;
        toolchain tools{.folders = {}, .path = "/usr/bin:/bin", .variables = {}};
        check_verdict seen;
        git::testing::on_a_loop<void>([&]() -> awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            store::pool db(executor, {.url = secret("postgresql://127.0.0.1:1/none")}); // never used
            queue::pg_tasks all(db, "me", std::chrono::seconds(10));
            llm::gateway gateway(executor, db, time, {}, {});
            http::client web(executor);
            dependencies with{.settings = settings,
                              .time = time,
                              .leases = all,
                              .requests = all,
                              .gateway = gateway,
                              .backend = *repository.confine,
                              .agent = agent,
                              .tokens = tokens,
                              .web = web,
                              .gateway_socket = root / "none",
                              .mirrors = repository.folder.path() / "mirrors",
                              .workspaces = root,
                              .layering = layers};
            check_plan plan{.with = with,
                            .tools = tools,
                            .setup = {setup, "SETUP_COMMAND"},
                            .check = {check, "CHECK_COMMAND"},
                            .timeout = std::chrono::minutes(1),
                            .hosts = hosts,
                            .beyond = beyond,
                            .own = own};
            seen = co_await run_checks_at(
                plan, place, repository.mirrored, repository.base, repository.base,
                [this](const mechanic::progress& p) { setups += p.what == mechanic::progress::kind::setting_up; });
            gateway.close();
            db.close();
        }());
        EXPECT_EQ(seen.could_not_run, "");
        feedback = seen.feedback;
        return seen.how;
    }
    std::vector<fs::path> shared() const {
        std::vector<fs::path> found;
        for (const auto& each : fs::recursive_directory_iterator(repository.folder.path() / "mirrors"))
            if (each.path().parent_path().filename() == "setups" && fs::exists(each.path() / "made"))
                found.push_back(each.path());
        return found;
    }
};

} // namespace

TEST_F(checks_of_tasks, share_what_was_set_up_when_the_base_was_green_with_it) {
    EXPECT_EQ(base_with("false"), check_outcome::red);
    EXPECT_EQ(shared().size(), 0U) << "it may be half made";
    EXPECT_EQ(base_with("test -s id"), check_outcome::green);
    EXPECT_EQ(setups, 2);
    EXPECT_EQ(shared().size(), 1U);
    EXPECT_EQ(base_with("test -s id && test -O id"), check_outcome::green);
    EXPECT_EQ(setups, 2) << "it was taken";
}

TEST_F(checks_of_tasks, that_are_red_over_what_another_set_up_are_run_over_their_own_before_they_are_judged) {
    EXPECT_EQ(base_with("test -s id"), check_outcome::green);
    ASSERT_EQ(shared().size(), 1U);
    fs::remove(shared().front() / "tree/id"); // as if it had never been whole
    EXPECT_EQ(base_with("test -s id"), check_outcome::green);
    EXPECT_EQ(setups, 2);
    ASSERT_EQ(shared().size(), 1U) << "in the place of the other";
    EXPECT_TRUE(fs::exists(shared().front() / "tree/id"));
    EXPECT_EQ(base_with("test -s id"), check_outcome::green);
    EXPECT_EQ(setups, 2);
    EXPECT_EQ(base_with("false"), check_outcome::red);
    EXPECT_EQ(setups, 3) << "once, whatever it is like then";
    EXPECT_EQ(shared().size(), 0U);
}

TEST_F(checks_of_tasks, go_on_with_what_was_set_up_after_it_was_shared_or_lost) {
    auto place = task_workspace::open(root, {++tasks}, {1}).value();
    const std::string setup = "cat /proc/sys/kernel/random/uuid > id",
                      check = "test -s id && test ! -e used && touch used";
    EXPECT_EQ(check_in(*place, check, setup), check_outcome::green);
    EXPECT_EQ(check_in(*place, check, setup), check_outcome::green);
    EXPECT_EQ(setups, 1);
    auto other = task_workspace::open(root, {++tasks}, {1}).value();
    auto lost = "touch a; " + setup;
    EXPECT_EQ(check_in(*other, "false", lost), check_outcome::red);
    fs::remove_all(root / "2-1/check/kept/tree");
    git::testing::on_a_loop(other->share_set_up("key"));
    EXPECT_EQ(other->set_up_at(), std::nullopt);
    EXPECT_EQ(check_in(*other, check, lost), check_outcome::green);
    EXPECT_EQ(setups, 3) << "it ran again";
}

TEST_F(checks_of_tasks, keep_for_themselves_what_was_set_up_without_a_host_that_was_away) {
    hosts = host_rules::parse("registry.test:1@127.0.0.1", host_rules::author::owner).value();
    const std::string setup = "date > id; (exec 3<>/dev/tcp/registry.test/1 && cat <&3) || true";
    EXPECT_EQ(base_with("test -s id", setup), check_outcome::green);
    EXPECT_EQ(shared().size(), 0U);
    EXPECT_EQ(base_with("test -s id", "date > id"), check_outcome::green);
    EXPECT_EQ(shared().size(), 1U);
}

TEST_F(checks_of_tasks, take_nothing_that_may_come_from_other_hosts) {
    const auto* allowed = "registry.test, *.example.org@10.0.0.0/8, registry.test:81@10.0.0.1";
    int all = 0;
    for (const std::string text : {allowed, "other.test, *.example.org@10.0.0.0/8, registry.test:81@10.0.0.1",
                                   "registry.test, *.example.org@10.0.0.0/9, registry.test:81@10.0.0.1",
                                   "registry.test, *.example.org@10.0.0.0/8, registry.test:81@10.0.0.2",
                                   "registry.test, *.example.org@10.0.0.0/8, registry.test:82@10.0.0.1"}) {
        hosts = host_rules::parse(text, host_rules::author::owner).value();
        EXPECT_EQ(base_with("true", "date > id"), check_outcome::green);
        EXPECT_EQ(setups, ++all) << text;
    }
    hosts = host_rules::parse(allowed, host_rules::author::owner).value();
    EXPECT_EQ(base_with("true", "date > id"), check_outcome::green);
    EXPECT_EQ(setups, all) << "it may have come from the same";
}

TEST_F(checks_of_tasks, print_no_value_that_setup_alone_was_given_and_wrote_down) {
    service::known_repository known;
    known.environment_for = queue::reaches::setup;
    known.variables.emplace_back("DB_PASSWORD", secret("sesame-value"));
    known.mask.add(secret("sesame-value"));
    own = std::make_shared<const service::known_repository>(std::move(known));
    auto setup = "echo \"password=$DB_PASSWORD\" | tee id > \"$HOME/.npmrc\"";
    EXPECT_EQ(base_with("echo \"mine: $DB_PASSWORD.\"; cat id \"$HOME/.npmrc\"; exit 1", setup), check_outcome::red);
    EXPECT_NE(feedback.find("mine: .\n"), feedback.npos) << feedback;
    EXPECT_NE(feedback.find("password=***\npassword=***"), feedback.npos) << feedback;
}
