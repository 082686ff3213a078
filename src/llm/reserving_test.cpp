// Reservations that are asked for at the same time share a COMMIT, and nothing else.
#include "base/background.hpp"
#include "http/testing.hpp"
#include "llm/ledger.hpp"
#include "llm/testing_database.hpp"

#include <list>
#include <set>

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;

namespace {

struct reserving_test : ::testing::Test, http::testing::loop {
    database data{io.get_executor()};
    system_clock time;
    ledger books{data.pool, time};

    ~reserving_test() override {
        data.pool.close();
        EXPECT_TRUE(dry());
    }
    ledger::ask of(std::int64_t task, double usd, std::string model = "m") const {
        return {.task = {task},
                .model = std::move(model),
                .prices = {.prompt_tokens = 1, .prompt_usd = usd, .answer_token_usd = 0},
                .most_tokens = 1,
                .task_budget_usd = 2,
                .day_budget_usd = 3};
    }
    /// All at the same moment; nothing for one that threw.
    awaitable<std::vector<std::optional<ledger::reservation>>> ask(std::vector<ledger::ask> all) {
        std::list<background<ledger::reservation>> under_way;
        for (auto& each : all)
            under_way.emplace_back(io.get_executor(), books.reserve(std::move(each)));
        std::vector<std::optional<ledger::reservation>> got;
        for (auto& each : under_way) {
            try {
                got.emplace_back(co_await each.join());
            } catch (const store::db_error&) {
                got.emplace_back();
            }
        }
        co_return got;
    }
};

} // namespace

TEST_F(reserving_test, those_that_come_while_one_is_stored_are_stored_together) {
    run([&]() -> awaitable<> {
        std::vector<ledger::ask> all;
        for (std::int64_t i = 0; i < 64; ++i)
            all.push_back(of(i % 8 + 1, 0.001));
        auto got = co_await ask(std::move(all));
        std::set<std::int64_t> calls;
        for (const auto& each : got)
            calls.insert(each->call);
        EXPECT_EQ(calls.size(), 64u);
        auto rows = co_await data.pool.query("select count(*), count(distinct xmin::text) from llm_calls");
        EXPECT_EQ(rows.number(0, 0), 64);
        EXPECT_LE(rows.number(0, 1), 2) << "transactions";
    });
}

TEST_F(reserving_test, each_counts_for_the_budgets_of_the_next_one) {
    run([&]() -> awaitable<> {
        auto got = co_await ask({of(1, 0.1), of(1, 1.5), of(1, 1), of(2, 1), of(3, 1), of(3, 0.4)});
        std::vector<cause> refused;
        for (const auto& each : got)
            refused.push_back(each->refused);
        EXPECT_EQ(refused, (std::vector{cause::none, cause::none, cause::task_budget, cause::none, cause::day_budget,
                                        cause::none}));
        auto rows = co_await data.pool.query("select string_agg(task::text, ' ' order by id) from llm_calls");
        EXPECT_EQ(rows.text(0, 0), "1 1 2 3");
    });
}

TEST_F(reserving_test, one_that_cannot_be_stored_takes_nobody_along) {
    run([&]() -> awaitable<> {
        auto got = co_await ask({of(1, 0.1), of(1, 0.1), of(2, 0.1, ""), of(3, 0.1)}); // a model has a name
        EXPECT_TRUE(got[0] && got[1] && got[3]);
        EXPECT_FALSE(got[2]);
        auto rows = co_await data.pool.query("select string_agg(task::text, ' ' order by id) from llm_calls");
        EXPECT_EQ(rows.text(0, 0), "1 1 3");
    });
}

TEST_F(reserving_test, a_group_that_fell_apart_is_reserved_in_its_order_and_the_next_one_again_together) {
    run([&]() -> awaitable<> {
        auto got = co_await ask({of(1, 1.5), of(2, 0.1, ""), of(1, 1), of(1, 0.4), of(3, 0.1, ""), of(2, 0.2)});
        std::vector<cause> refused;
        for (auto each : {0, 2, 3, 5})
            refused.push_back(got.at(each).value().refused);
        EXPECT_EQ(refused, (std::vector{cause::none, cause::task_budget, cause::none, cause::none}));
        EXPECT_FALSE(got[1] || got[4]);
        EXPECT_LT(got[0]->call, got[3]->call);
        EXPECT_LT(got[3]->call, got[5]->call);
        auto rows = co_await data.pool.query("select string_agg(task || ':' || reserved_usd::float8, ' ' order by id) "
                                             "from llm_calls");
        EXPECT_EQ(rows.text(0, 0), "1:1.5 1:0.4 2:0.2");
        co_await ask({of(4, 0.1), of(5, 0.1), of(6, 0.1), of(7, 0.1)});
        rows = co_await data.pool.query("select count(distinct xmin::text) from llm_calls where task > 3");
        EXPECT_LE(rows.number(0, 0), 2) << "transactions";
    });
}

TEST_F(reserving_test, what_one_is_granted_in_part_leaves_nothing_for_the_next_of_its_group) {
    auto long_answer = [&](std::int64_t task) {
        auto what = of(task, 0);
        what.prices.answer_token_usd = 0.0001;
        what.most_tokens = 25'000; // for 2.50 dollars
        return what;
    };
    run([&]() -> awaitable<> {
        auto got = co_await ask({long_answer(1), long_answer(1), long_answer(2), long_answer(3), of(4, 0)});
        EXPECT_EQ(got[0]->tokens, 20'000);
        EXPECT_EQ(got[0]->shrunk_by, cause::task_budget);
        EXPECT_EQ(got[1]->refused, cause::task_budget);
        EXPECT_EQ(got[2]->tokens, 10'000) << "the day has a dollar left";
        EXPECT_EQ(got[2]->shrunk_by, cause::day_budget);
        EXPECT_EQ(got[3]->refused, cause::day_budget);
        EXPECT_EQ(got[3]->call, 0) << "nothing is reserved for it";
        EXPECT_EQ(got[4]->refused, cause::none) << "what costs nothing needs no budget";
    });
}

TEST_F(reserving_test, all_hear_of_it_when_the_database_is_gone) {
    run([&]() -> awaitable<> {
        co_await ask({of(1, 0.1)});
        data.pool.close();
        for (const auto& each : co_await ask({of(1, 0.1), of(2, 0.1), of(3, 0.1)}))
            EXPECT_FALSE(each);
        EXPECT_FALSE((co_await ask({of(4, 0.1)})).front()) << "and nobody waits for a group that failed";
    });
}
