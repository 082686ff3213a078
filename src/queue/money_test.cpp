#include "pgserver/testing.hpp"
#include "queue/audit.hpp"
#include "queue/costs.hpp"
#include "queue/money.hpp"
#include "queue/testing_table.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::queue;
using namespace std::chrono_literals;

namespace {

const time_point noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 12h;

struct money : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

awaitable<void> spent(store::pool& db, std::string day, std::string repository, std::string person, std::string usd,
                      std::string by = "cost") {
    co_await db.query(
        "insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced, "
        "repository, person, settled_at, settled_by, outcome, cost_usd, tokens_sent, tokens_received) values "
        "(1, $1::date, 'a/b', 'settled', now(), 9, 10, true, nullif($2, ''), nullif($3, ''), now(), $5, 'ok', "
        "$4::numeric, 100, 10)",
        {std::move(day), std::move(repository), std::move(person), std::move(usd), std::move(by)});
}

awaitable<std::string> said_in_audit(store::pool& db) {
    std::string all;
    for (const auto& each : co_await audit_of(db, std::nullopt, 20))
        all += each.what + " by " + each.by + (each.remote.empty() ? "" : " " + each.remote) + "; ";
    co_return all;
}

std::string said(const std::vector<cost_line>& all) {
    std::string text;
    for (const auto& each : all)
        text += each.name + "=" + each.usd + "/" + each.estimated_usd + " ";
    return text;
}

} // namespace

TEST_F(money, of_a_day_and_its_month_is_counted_by_whose_it_is) {
    with([](store::pool& db) -> awaitable<void> {
        co_await spent(db, "2026-11-30", "you/shop", "11", "1.5");
        co_await spent(db, "2026-11-01", "you/shop", "22", "2.25");
        co_await spent(db, "2026-10-31", "you/shop", "11", "100");
        co_await spent(db, "2026-11-30", "", "", "0.25"); // from before it was written whose
        co_await db.transact({set_budget({{"repository", "you/shop"}, 5, std::nullopt, {}}, "terminal")});
        auto known = co_await money_of(db, noon, {{"repository", "you/shop"}, {"person", "11"}, {"person", "33"}});
        EXPECT_EQ(known.all.day_usd, 1.75);
        EXPECT_EQ(known.all.month_usd, 4);
        EXPECT_EQ(known.owners.at(0).now.day_usd, 1.5);
        EXPECT_EQ(known.owners.at(0).now.month_usd, 3.75);
        EXPECT_EQ(known.owners.at(0).budget.day_usd, 5);
        EXPECT_EQ(known.owners.at(0).budget.month_usd, std::nullopt);
        EXPECT_EQ(known.owners.at(1).now.month_usd, 1.5);
        EXPECT_EQ(known.owners.at(2).now.month_usd, 0);
        EXPECT_EQ((co_await own_budgets(db, noon)).size(), 1U);
    });
}

TEST_F(money, what_is_not_said_of_a_budget_stays_until_it_is_taken_back) {
    with([](store::pool& db) -> awaitable<void> {
        owner ann{"person", "11"};
        co_await db.transact({set_budget({ann, 5, std::nullopt, {}}, "terminal")});
        co_await db.transact({set_budget({ann, std::nullopt, 50, 3}, "7")});
        auto now = (co_await own_budgets(db, noon)).at(0).budget;
        EXPECT_EQ(now.day_usd, 5);
        EXPECT_EQ(now.month_usd, 50);
        EXPECT_EQ(co_await may_wait_of(db, 11), 3);
        EXPECT_EQ(co_await may_wait_of(db, 12), std::nullopt);
        EXPECT_FALSE((co_await db.transact({drop_budget(ann, "7")})).front().empty());
        EXPECT_TRUE((co_await db.transact({drop_budget(ann, "7")})).front().empty()) << "there is none any more";
        EXPECT_TRUE((co_await own_budgets(db, noon)).empty());
        auto audited = co_await audit_of(db, std::nullopt, 9);
        EXPECT_EQ(audited.at(0).detail, "none");
        EXPECT_EQ(audited.at(1).detail, "month 50, waiting 3");
        EXPECT_EQ(audited.at(2).detail, "day 5");
        EXPECT_EQ(co_await said_in_audit(db), "budget_set by 7; budget_set by 7; budget_set by terminal; ");
    });
}

TEST_F(money, paused_twice_is_paused_once_and_lets_those_go_on_that_waited_for_it) {
    with([](store::pool& db) -> awaitable<void> {
        EXPECT_EQ((co_await paused(db)).has_value(), false);
        EXPECT_EQ((co_await db.transact({begin_pause("11")})).front().size(), 1) << "the notice to other processes";
        EXPECT_EQ((co_await db.transact({begin_pause("terminal")})).front().size(), 0);
        EXPECT_EQ((co_await paused(db))->by, "11");
        for (auto* why : {"paused", "key"})
            co_await db.query("insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, "
                              "rounds_most, foreground, "
                              "state, wait_reason, wait_until, give_up_at) values ('change', 'r', 'x', 'm', 1, 3, 2, "
                              "false, 'waiting', "
                              "$1, now() + interval '1 day', now() + interval '2 days')",
                              {std::string(why)});
        auto ended = (co_await db.transact({end_pause("22")})).front();
        EXPECT_EQ(ended.number(0, 0), 1);
        EXPECT_EQ(ended.number(0, 1), 1) << "not the one without a key";
        EXPECT_EQ((co_await db.transact({end_pause("22")})).front().number(0, 0), 0);
        EXPECT_FALSE((co_await paused(db)).has_value());
        EXPECT_EQ(co_await said_in_audit(db), "resumed by 22; paused by 11; ");
    });
}

/// A task at its model, and then one that waits for this until tomorrow.
struct at_its_model : queue::testing::table {
    static awaitable<snapshot> begin(pg_tasks& all) {
        auto was = co_await all.load(co_await all.add(queue::testing::some_order()));
        co_return co_await goes_on(all, *was, mechanic::coding{1, 0, {}}, true);
    }
    static awaitable<snapshot> waits(pg_tasks& all, snapshot was, mechanic::wait_reason why) {
        co_return co_await goes_on(all, std::move(was), mechanic::waiting{why, was.read_at + 24h, was.read_at + 48h},
                                   false);
    }
    static awaitable<bool> looks_again(pg_tasks& all, const snapshot& one) {
        co_return (co_await all.claimable(one.task.id)).has_value();
    }

private:
    static awaitable<snapshot> goes_on(pg_tasks& all, snapshot was, mechanic::state next, bool claim) {
        EXPECT_TRUE(co_await all.save(was, queue::testing::in_state(was.task, std::move(next)), claim));
        co_return *co_await all.load(was.task.id);
    }
};

TEST_F(at_its_model, a_task_that_was_refused_before_the_pause_ended_does_not_wait_for_its_end) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto one = co_await begin(all), other = co_await begin(all);
        co_await db.transact({begin_pause("11")});
        other = co_await waits(all, other, mechanic::wait_reason::paused);
        EXPECT_FALSE(co_await looks_again(all, other));
        EXPECT_EQ((co_await db.transact({end_pause("11")})).front().number(0, 1), 1);
        one = co_await waits(all, one, mechanic::wait_reason::paused);
        EXPECT_TRUE(co_await looks_again(all, other));
        EXPECT_TRUE(co_await looks_again(all, one));
    });
}

TEST_F(at_its_model, a_task_whose_pause_is_being_ended_when_it_begins_to_wait_looks_again) {
    with([this](store::pool& db) -> awaitable<void> {
        auto loop = co_await asio::this_coro::executor;
        store::pool gate(loop, {.url = secret(database.url()), .size = 1});
        pg_tasks all(db, "me", 10s);
        auto one = co_await begin(all);
        co_await db.transact({begin_pause("11")});
        co_await gate.query("select pg_advisory_lock(7)");
        auto blocked = [&gate](int so_many, const background<void>& last) -> awaitable<void> {
            while (!last.finished() &&
                   (co_await gate.query("select count(*) from pg_stat_activity where datname = current_database() and "
                                        "wait_event_type = 'Lock'"))
                           .number(0, 0) < so_many) {
            }
        };
        auto end = [](store::pool& on) -> awaitable<void> {
            co_await on.transact({end_pause("11"), {"select pg_advisory_xact_lock(7)", {}}});
        };
        auto wait = [](pg_tasks& tasks, snapshot was) -> awaitable<void> {
            co_await waits(tasks, std::move(was), mechanic::wait_reason::paused);
        };
        background<void> ending(loop, end(db));
        co_await blocked(1, ending);
        background<void> waiting(loop, wait(all, one));
        co_await blocked(2, waiting);
        co_await gate.query("select pg_advisory_unlock(7)");
        co_await ending.join();
        co_await waiting.join();
        EXPECT_TRUE(co_await looks_again(all, one));
        gate.close();
    });
}

TEST_F(at_its_model, a_task_that_was_refused_before_a_budget_was_set_does_not_wait_for_the_next_month) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        owner ann{"person", "11"};
        co_await db.transact({set_budget({ann, 5, std::nullopt, {}}, "terminal")});
        auto one = co_await begin(all), other = co_await begin(all);
        other = co_await waits(all, other, mechanic::wait_reason::month_budget);
        EXPECT_FALSE(co_await looks_again(all, other)) << "it was refused with that budget";
        co_await db.transact({drop_budget(ann, "terminal")});
        one = co_await waits(all, one, mechanic::wait_reason::month_budget);
        EXPECT_TRUE(co_await looks_again(all, one));
    });
}

TEST_F(money, a_warning_is_told_by_one) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query(
            "insert into budget_warnings (budget, whose, since, counted_usd, budget_usd) values ('day_budget', "
            "'', '2026-11-30', 16.5, 20)");
        auto all = co_await untold_warnings(db);
        EXPECT_EQ(all.size(), 1U);
        EXPECT_EQ(all.at(0).counted_usd, 16.5);
        co_await db.transact({warning_told(all.at(0))});
        EXPECT_TRUE((co_await untold_warnings(db)).empty());
        std::string state;
        try {
            co_await db.transact({warning_told(all.at(0))});
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, "PX002") << "so that another process tells it not again";
    });
}

TEST_F(money, costs_are_the_books_to_the_last_digit) {
    with([](store::pool& db) -> awaitable<void> {
        co_await spent(db, "2026-11-29", "you/shop", "11", "0.000000001");
        co_await spent(db, "2026-11-30", "you/shop", "terminal", "0.123456789012");
        co_await spent(db, "2026-11-30", "you/other", "11", "0.5", "prices");
        auto of = [&db](costs_of what, std::optional<std::string> since = {}, std::optional<std::string> before = {}) {
            return costs(db, what, std::move(since), std::move(before));
        };
        EXPECT_EQ(said(co_await of(costs_of::day)), "2026-11-30=0.623456789012/0.5 2026-11-29=0.000000001/0 ");
        EXPECT_EQ(said(co_await of(costs_of::repository)), "you/other=0.5/0.5 you/shop=0.123456790012/0 ");
        EXPECT_EQ(said(co_await of(costs_of::person)), "11=0.500000001/0.5 terminal=0.123456789012/0 ");
        EXPECT_EQ(said(co_await of(costs_of::model)), "a/b=0.623456790012/0.5 ");
        EXPECT_EQ(said(co_await of(costs_of::task, "2026-11-29", "2026-11-30")), "1=0.000000001/0 ");
        auto all = co_await of(costs_of::model);
        EXPECT_EQ(all.at(0).calls, 3);
        EXPECT_EQ(all.at(0).tokens_sent, 300);
    });
}
