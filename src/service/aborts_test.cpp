// An abort of what is under way.
#include "mechanic/landing.hpp"
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using mechanic::landing;
using mechanic::verdict;

namespace {

const std::string commit(40, 'c'), other(40, 'd');

/// Another process changes the task between our read and our write, once.
struct raced final : queue::pg_tasks {
    using pg_tasks::pg_tasks;
    std::function<awaitable<void>()> meanwhile;
    awaitable<std::optional<queue::snapshot>> load(task_id id) override {
        auto found = co_await pg_tasks::load(id);
        if (auto change = std::exchange(meanwhile, {})) co_await change();
        co_return found;
    }
};

/// Runs `body` with rules and with what adds a task in a state, after `also`.
template <class F>
void with_tasks(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        raced all(db, "me", 10s);
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        auto add = [&all](mechanic::state now, std::function<void(mechanic::task&)> also = {}) -> awaitable<task_id> {
            auto id =
                co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
            auto found = co_await all.load(id);
            auto next = queue::testing::in_state(found->task, std::move(now));
            if (also) also(next);
            EXPECT_TRUE(co_await all.save(*found, next, false));
            co_return id;
        };
        co_await work(all, rules, add);
        db.close();
    }(database.url(), std::move(body)));
}

awaitable<std::string> state_of(queue::pg_tasks& all, task_id id) {
    co_return std::string(mechanic::name_of((co_await all.load(id))->task.now));
}

} // namespace

// `deployed` and `rolled_back` are as final as `aborted`, and nothing of the task is aborted there.
TEST(aborts, of_a_landing_that_waits_leave_the_task_where_it_was) {
    with_tasks([](raced& all, service::tasks& rules, auto& add) -> awaitable<void> {
        for (auto [what, stays] : {std::pair(landing::kind::deploy, "review"),
                                   {landing::kind::roll_back, "deployed"},
                                   {landing::kind::deploy_again, "rolled_back"}})
            for (mechanic::state waits :
                 {mechanic::state(mechanic::queued{}),
                  mechanic::state(mechanic::waiting{mechanic::wait_reason::remote_away, {}, {}})}) {
                auto id = co_await add(waits, [what](mechanic::task& t) {
                    t.known.made = mechanic::work{commit, {1, 2, 3}, 0};
                    t.known.stands = mechanic::standing_of(t.known, verdict::ready);
                    t.known.on_base = mechanic::landed{commit, other};
                    t.known.lands = landing{.what = what, .commit = commit};
                });
                EXPECT_EQ(co_await rules.abort(id), abort_end::landing);
                EXPECT_EQ(co_await state_of(all, id), stays);
                EXPECT_EQ((co_await all.load(id))->task.known.not_landed, "Stopped; nothing was pushed.");
            }
    });
}

TEST(aborts, of_a_landing_whose_push_is_in_doubt_have_not_ended_it_yet) {
    with_tasks([](raced& all, service::tasks& rules, auto& add) -> awaitable<void> {
        auto id = co_await add(mechanic::queued{}, [](mechanic::task& t) {
            t.known.lands = landing{.what = landing::kind::roll_back, .commit = commit, .in_doubt = true};
        });
        EXPECT_EQ(co_await rules.abort(id), abort_end::landing);
        EXPECT_EQ(co_await state_of(all, id), "queued");
        EXPECT_EQ(co_await rules.abort(id), abort_end::asked) << "it is being stopped already";
    });
}

TEST(aborts, of_a_landing_that_came_to_nothing_meanwhile_keep_the_result) {
    with_tasks([](raced& all, service::tasks& rules, auto& add) -> awaitable<void> {
        auto id = co_await add(mechanic::queued{}, [](mechanic::task& t) {
            t.known.made = mechanic::work{commit, {1, 2, 3}, 0};
            t.known.stands = mechanic::standing_of(t.known, verdict::ready);
            t.known.lands = landing{.what = landing::kind::deploy, .commit = commit};
        });
        all.meanwhile = [&]() -> awaitable<void> {
            EXPECT_EQ(co_await rules.abort(id), abort_end::landing); // another person was faster
        };
        auto refused = co_await rules.abort(id);
        EXPECT_EQ(refused.error().why, refusal::reason::has_result);
        EXPECT_EQ(refused.error().sentence,
                  "Task 1 has a result in review, which an abort would discard: look at it first.");
        EXPECT_EQ(co_await state_of(all, id), "review");
    });
}
