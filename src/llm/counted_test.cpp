// What a call that was made counts for, and whose budget it ended at.
#include "llm/ledger.hpp"
#include "llm/models.hpp"
#include "llm/testing_world.hpp"

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using namespace std::chrono_literals;
using boost::json::object;

TEST(counted, an_answer_is_cut_by_the_budget_with_less_left_whichever_is_the_smaller_one) {
    world w({{"default", {{"reply", std::string(40'000, 'x')}}}}); // 10,000 tokens
    w.start();
    auto late = w.begin(1, 2, 20);
    auto poor = w.begin(2, 2, 1);
    w.run([&]() -> awaitable<> {
        auto spent = [&](std::int64_t task, double usd) -> awaitable<> {
            ledger books(w.data.pool, w.time);
            auto r = co_await books.reserve({.task = {task},
                                             .model = "m",
                                             .prices = {.prompt_tokens = 1, .prompt_usd = usd, .answer_token_usd = 0},
                                             .most_tokens = 1,
                                             .task_budget_usd = 30,
                                             .day_budget_usd = 30});
            EXPECT_TRUE(co_await books.settle(r.call, {{1, 1}, usd, "cost"}, "ok"));
        };
        co_await spent(2, 1.925);
        w.time.at += 24h;
        EXPECT_EQ((co_await w.ask(w.chat(poor, true, 0))).status, 200) << "the day has a dollar, the task less";
        w.time.at += 24h;
        co_await spent(3, 19.925);
        EXPECT_EQ((co_await w.ask(w.chat(late, true, 0))).status, 200) << "the task has two dollars, the day less";
    });
    EXPECT_EQ(w.gate->failure_of(poor).why, cause::task_budget) << w.gate->failure_of(poor).sentence;
    EXPECT_EQ(w.gate->failure_of(late).why, cause::day_budget) << w.gate->failure_of(late).sentence;
    EXPECT_TRUE(w.gate->failure_of(late).sentence.contains("was cut: the budget of this day had room for 49"))
        << w.gate->failure_of(late).sentence;
}

TEST(counted, a_prompt_that_is_kept_counts_what_writing_it_costs_when_the_endpoint_tells_no_cost) {
    world w({{"default", {{"reply", "x"}}}}, {"--no-cost"});
    w.start();
    auto token = w.begin(1, 20);
    w.run([&]() -> awaitable<> {
        for (bool kept : {false, true}) {
            auto spec = w.chat(token);
            auto body = boost::json::parse(spec.body).as_object();
            object part{{"type", "text"}, {"text", std::string(100'000, 'x')}};
            if (kept) part["cache_control"] = {{"type", "ephemeral"}};
            body["messages"] = boost::json::array{object{{"role", "user"}, {"content", boost::json::array{part}}}};
            spec.body = boost::json::serialize(body);
            EXPECT_EQ((co_await w.ask(spec)).status, 200);
        }
        EXPECT_EQ(co_await w.settled_calls(), "ok:prices ok:prices");
        auto rows = co_await w.data.pool.query("select (cost_usd - tokens_received * 0.000015)::float8 / tokens_sent "
                                               "from llm_calls order by id");
        EXPECT_NEAR(rows.real(0, 0), 0.000003, 1e-9);
        EXPECT_NEAR(rows.real(1, 0), 0.00000375, 1e-9) << "a quarter more";
    });
}

TEST(counted, a_call_that_used_up_its_reservation_is_not_above_it) {
    world w(steps({}));
    w.run([&]() -> awaitable<> {
        ledger books(w.data.pool, w.time);
        std::int64_t calls = 0;
        for (auto in : {"0.000003", "0.00000015", "0.0000011"})
            for (auto out : {"0.000015", "0.0000006", "0.00000028"})
                for (int n = 0; n < 20; ++n) {
                    auto list = read_models(object{
                        {"data", {object{{"id", "m"}, {"pricing", object{{"prompt", in}, {"completion", out}}}}}}});
                    auto facts = look_up(list, "m");
                    std::int64_t sent = 57 + n * 1237;
                    bool keeps = n % 2 == 1;
                    auto r = co_await books.reserve({.task = {++calls},
                                                     .model = "m",
                                                     .prices = quote_for(sent, keeps, facts),
                                                     .most_tokens = 16 + n * 331,
                                                     .task_budget_usd = 2,
                                                     .day_budget_usd = 2000});
                    auto all_of_it = bill_for({.sent = sent, .received = r.tokens}, keeps, facts);
                    EXPECT_TRUE(co_await books.settle(r.call, all_of_it, "ok"));
                }
        auto rows = co_await w.data.pool.query("select count(*) filter (where above_reservation), count(*) "
                                               "from llm_calls");
        EXPECT_EQ(rows.number(0, 0), 0);
        EXPECT_EQ(rows.number(0, 1), calls);
    });
}
