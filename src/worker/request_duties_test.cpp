#include "coder/agent.hpp"
#include "git/testing.hpp"
#include "http/testing.hpp"
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "store/migrate.hpp"
#include "worker/request_duties.hpp"
#include "worker/testing_requests.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace persais::worker::testing;

namespace {

struct request_duty : ::testing::Test, http::testing::loop {
    scripted_requests at;
    queue::request_duty wish{.task = {17}, .close = true, .state = "discarded", .since = "", .number = 5};

    static forge::request in(forge::request::state now, int number = 7) {
        auto one = open_one();
        one.number = number;
        one.now = now;
        return one;
    }
    std::vector<std::string> done(std::vector<forge::request> listed) {
        at.listed = {std::move(listed)};
        at.asked.clear();
        io.restart();
        run([&]() -> awaitable<> {
            mechanic::task t;
            t.known.branch = "b";
            t.known.base_branch = "main";
            EXPECT_TRUE(co_await carry_out(at, t, wish));
        });
        return {at.asked.begin() + 1, at.asked.end()};
    }
};

using state = forge::request::state;

struct no_backend final : sandbox::backend {
    sandbox::isolation_level level() const override { return sandbox::isolation_level::unsafe; }
    sandbox::child_spec confine(sandbox::child_spec spec, const sandbox::view&) const override { return spec; }
    void hand_over(const std::filesystem::path&, unsigned) const override {}
    awaitable<void> hand_over_beside(std::filesystem::path, unsigned) const override { co_return; }
    std::string inside(const sandbox::view&, const std::filesystem::path& host) const override { return host.string(); }
};
struct no_agent final : coder::agent {
    std::string second_model() const override { return {}; }
    awaitable<coder::report> run(coder::job, coder::listener) const override { co_return coder::report{}; }
};

} // namespace

TEST_F(request_duty, closes_the_open_one_and_says_why_before) {
    EXPECT_EQ(
        done({in(state::open, 8), in(state::closed, 7)}),
        (std::vector<std::string>{"comment 8 task-17-closed-5: A person put the result of task 17 away.", "close 8"}));
    EXPECT_TRUE(done({in(state::closed)}).empty()) << "it was done by somebody";
    EXPECT_TRUE(done({in(state::merged)}).empty());
    EXPECT_TRUE(done({}).empty());
}

TEST_F(request_duty, opens_the_newest_closed_one_again_unless_there_is_another) {
    wish.close = false;
    EXPECT_EQ(done({in(state::closed, 8), in(state::closed, 7)}),
              (std::vector<std::string>{"comment 8 task-17-again-5: A person took the result of task 17 up again.",
                                        "reopen 8"}));
    EXPECT_TRUE(done({in(state::open, 8), in(state::closed, 7)}).empty());
    EXPECT_TRUE(done({in(state::merged)}).empty()) << "what was merged is not opened again";
}

TEST_F(request_duty, is_told_by_what_became_of_the_task) {
    wish.state = "expired";
    EXPECT_EQ(words_of(wish), "Nobody decided on the result of task 17 in time.");
    wish.state = "aborted";
    EXPECT_EQ(words_of(wish), "A person ended task 17.");
}

// A repository may have requests where the service's settings name none, and may have had them before.
TEST(request_duties, are_attempted_whatever_the_settings_are) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        store::pool db(executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        queue::pg_tasks tasks(db, "me", std::chrono::seconds(10));
        const auto id = co_await tasks.add({.remote = "/srv/r.git", .instruction = "mend it"});
        co_await db.query("insert into request_duties (task_id, wish, state) values ($1, 'close', 'aborted')",
                          {id.str()});
        config::settings settings;
        system_clock time;
        llm::gateway gateway(executor, db, time, {}, {});
        service::remote_tokens tokens;
        no_backend backend;
        no_agent agent;
        http::client web(executor);
        dependencies with{.settings = settings,
                          .time = time,
                          .leases = tasks,
                          .requests = tasks,
                          .gateway = gateway,
                          .backend = backend,
                          .agent = agent,
                          .tokens = tokens,
                          .web = web,
                          .gateway_socket = "/none",
                          .mirrors = "/none",
                          .workspaces = "/none"};
        EXPECT_NE(settings.deploy_strategy, "request");
        request_duties duties(with, db);
        EXPECT_TRUE(co_await duties.attempt_all()) << "no forge is there: it is tried again";
        auto tries = co_await db.query("select tries from request_duties");
        EXPECT_EQ(tries.text(0, 0), "1");
        gateway.close();
        db.close();
    }(database.url()));
}
