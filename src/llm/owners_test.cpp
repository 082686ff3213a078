// Budgets of the month, of a repository and of a person; a pause of all spending.
#include "base/background.hpp"
#include "http/testing.hpp"
#include "llm/ledger.hpp"
#include "llm/testing_database.hpp"

#include <list>

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using namespace std::chrono_literals;

namespace {

struct noon_clock final : clock {
    time_point at = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) + 12h;
    time_point now() const override { return at; }
};

struct owners : ::testing::Test, http::testing::loop {
    database data{io.get_executor()};
    noon_clock time;
    ledger books{data.pool, time};

    ~owners() override {
        data.pool.close();
        EXPECT_TRUE(dry());
    }
    ledger::ask of(std::int64_t task, double usd, std::string repository = "you/shop") const {
        return {.task = {task},
                .model = "m",
                .prices = {.prompt_tokens = 1, .prompt_usd = usd, .answer_token_usd = 0},
                .most_tokens = 1,
                .task_budget_usd = 100,
                .day_budget_usd = 100,
                .repository = std::move(repository)};
    }
    /// The task is at a turn that this person asked for.
    awaitable<void> asked_by(std::int64_t task, int person) {
        auto id = std::to_string(task);
        co_await data.pool.query(
            "insert into tasks (id, kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, "
            "foreground, state, fence, not_before) values ($1, 'change', 'r', 'x', 'm', 1, 3, 2, false, 'queued', 1, "
            "now())",
            {id});
        co_await data.pool.query("insert into task_turns (task_id, turn, instruction, person_id, state) values ($1, 1, "
                                 "'x', $2::bigint, 'begun')",
                                 {id, std::to_string(person)});
    }
    awaitable<void> budget(std::string kind, std::string name, std::string day, std::string month) {
        co_await data.pool.query("insert into budgets (kind, name, day_usd, month_usd, set_by) values ($1, $2, "
                                 "nullif($3, '')::numeric, nullif($4, '')::numeric, 'terminal')",
                                 {std::move(kind), std::move(name), std::move(day), std::move(month)});
    }
    awaitable<std::string> one(std::string sql) {
        auto r = co_await data.pool.query(std::move(sql));
        co_return std::string(r.text(0, 0));
    }
};

} // namespace

TEST_F(owners, a_month_has_its_budget_over_all_of_its_days) {
    run([&]() -> awaitable<> {
        auto asked = of(1, 4);
        asked.month_budget_usd = 10;
        EXPECT_EQ((co_await books.reserve(asked)).refused, cause::none);
        time.at += 24h;
        EXPECT_EQ((co_await books.reserve(asked)).refused, cause::none);
        auto third = co_await books.reserve(asked);
        EXPECT_EQ(third.refused, cause::month_budget);
        EXPECT_EQ(third.of.whose, "");
        EXPECT_EQ(third.of.usd, 10);
        time.at += 24h; // December
        EXPECT_EQ((co_await books.reserve(asked)).refused, cause::none) << "another month has its own";
    });
}

TEST_F(owners, a_repository_has_a_budget_of_its_own) {
    run([&]() -> awaitable<> {
        co_await budget("repository", "you/shop", "5", "8");
        EXPECT_EQ((co_await books.reserve(of(1, 4))).refused, cause::none);
        auto refused = co_await books.reserve(of(2, 4));
        EXPECT_EQ(refused.refused, cause::day_budget);
        EXPECT_EQ(refused.of.whose, "repository:you/shop");
        EXPECT_EQ(refused.of.usd, 5);
        EXPECT_EQ((co_await books.reserve(of(2, 4, "you/other"))).refused, cause::none);
        EXPECT_EQ((co_await books.reserve(of(3, 4, ""))).refused, cause::none);
        time.at += 24h;
        EXPECT_EQ((co_await books.reserve(of(2, 4))).refused, cause::none);
        time.at -= 48h; // another day of the month
        EXPECT_EQ((co_await books.reserve(of(2, 4))).refused, cause::month_budget);
    });
}

TEST_F(owners, a_person_pays_for_the_turn_that_they_asked_for) {
    run([&]() -> awaitable<> {
        co_await budget("person", "11", "5", "");
        co_await budget("person", "terminal", "1", "");
        co_await asked_by(1, 11);
        co_await asked_by(2, 22);
        EXPECT_EQ((co_await books.reserve(of(1, 4))).refused, cause::none);
        auto refused = co_await books.reserve(of(1, 4));
        EXPECT_EQ(refused.refused, cause::day_budget);
        EXPECT_EQ(refused.of.whose, "person:11");
        EXPECT_EQ((co_await books.reserve(of(2, 4))).refused, cause::none) << "another person's";
        EXPECT_EQ((co_await books.reserve(of(3, 4))).of.whose, "person:terminal") << "a task of no chat";
        co_await data.pool.query("insert into people (id) values (11)");
        co_await data.pool.query("insert into identities (kind, id, person) values ('terminal', 'terminal', 11)");
        EXPECT_EQ((co_await books.reserve(of(3, 4))).of.whose, "person:11") << "who is the same one";
        EXPECT_EQ(co_await one("select string_agg(distinct person, ' ') from llm_calls"), "11 22");
    });
}

TEST_F(owners, no_budget_is_overspent_by_calls_at_the_same_moment_of_several_processes) {
    run([&]() -> awaitable<> {
        co_await budget("repository", "you/shop", "", "10");
        std::list<store::pool> pools;
        std::list<ledger> all;
        std::list<background<ledger::reservation>> under_way;
        for (int process = 0; process < 3; ++process) {
            auto& pool = pools.emplace_back(io.get_executor(), store::pool_options{.url = secret(data.url()), .size = 1});
            auto& mine = all.emplace_back(pool, time);
            for (int call = 0; call < 12; ++call)
                under_way.emplace_back(io.get_executor(), mine.reserve(of(10 * process + call % 3 + 1, 0.9)));
        }
        int granted = 0;
        for (auto& each : under_way)
            granted += (co_await each.join()).refused == cause::none ? 1 : 0;
        EXPECT_EQ(granted, 11) << "and what fits is let through";
        EXPECT_EQ(co_await one("select sum(counted_usd)::numeric(9, 2) from llm_calls"), "9.90");
        for (auto& each : pools)
            each.close();
    });
}

TEST_F(owners, four_fifths_of_a_budget_are_warned_of_once) {
    run([&]() -> awaitable<> {
        co_await budget("repository", "you/shop", "10", "");
        EXPECT_FALSE((co_await books.reserve(of(1, 7))).warned);
        EXPECT_FALSE((co_await books.reserve(of(1, 1.5))).warned) << "it was at seven";
        EXPECT_TRUE((co_await books.reserve(of(1, 0.5))).warned);
        EXPECT_FALSE((co_await books.reserve(of(1, 0.5))).warned);
        time.at += 24h;
        EXPECT_FALSE((co_await books.reserve(of(1, 9))).warned);
        EXPECT_TRUE((co_await books.reserve(of(1, 9))).warned) << "a call that is refused warns as well";
        EXPECT_EQ(
            co_await one("select string_agg(whose || ' ' || since || ' ' || counted_usd, ', ' order by since) from "
                         "budget_warnings"),
            "repository:you/shop 2026-11-29 8.500000000, repository:you/shop 2026-11-30 9.000000000");
    });
}

TEST_F(owners, nothing_is_reserved_while_spending_is_paused) {
    run([&]() -> awaitable<> {
        co_await data.pool.query("insert into pause (by) values ('terminal')");
        EXPECT_EQ((co_await books.reserve(of(1, 1))).refused, cause::paused);
        EXPECT_TRUE(co_await books.paused());
        co_await data.pool.query("delete from pause");
        EXPECT_EQ((co_await books.reserve(of(1, 1))).refused, cause::none);
        EXPECT_FALSE(co_await books.paused());
    });
}

TEST_F(owners, the_version_before_is_refused_as_it_knows_it) {
    run([&]() -> awaitable<> {
        co_await data.pool.query("insert into pause (by) values ('terminal')");
        EXPECT_EQ(
            co_await one("select verdict from llm_reserve_call(1, '2026-11-30', now(), 'm', 1, 1, 1, 0.1, 0.1, 1, 1)"),
            "day_budget");
    });
}
