#include "llm/ledger.hpp"
#include "llm/limits.hpp"
#include "llm/testing_world.hpp"

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using namespace std::chrono_literals;
using boost::json::object;

namespace {

// The scripted endpoint's prices: 1000 tokens of an answer are 0.015 dollars; the prompt here is well under 100 tokens.
constexpr double a_call = 0.015;

awaitable<double> counted(world& w, std::string condition = "true") {
    auto rows =
        co_await w.data.pool.query("select coalesce(sum(counted_usd), 0)::float8 from llm_calls where " + condition);
    co_return rows.real(0, 0);
}

} // namespace

TEST(budget, a_task_without_money_is_refused_in_the_form_that_stops_aider) {
    world w(steps({}));
    w.start();
    auto poor = w.begin(1, 0.001);
    auto late = w.begin(2, 2, 0.001);
    w.run([&]() -> awaitable<> {
        auto got = co_await w.ask(w.chat(poor));
        EXPECT_EQ(got.status, 402);
        auto may_cost = "Insufficient credits: one call of this model may cost $0.01";
        EXPECT_TRUE(message(got).starts_with(may_cost)) << message(got);
        EXPECT_TRUE(message(got).contains("budget of this task ($0.0010)")) << message(got);
        got = co_await w.ask(w.chat(late));
        EXPECT_EQ(got.status, 402);
        EXPECT_TRUE(message(got).starts_with(may_cost)) << message(got);
        EXPECT_TRUE(message(got).contains("budget of this day ($0.0010)")) << message(got);
    });
    EXPECT_EQ(w.gate->failure_of(poor).why, cause::task_budget);
    EXPECT_EQ(w.gate->failure_of(late).why, cause::day_budget);
    EXPECT_TRUE(w.models.requests().empty());
}

TEST(budget, holds_under_64_parallel_calls_of_several_tasks) {
    temp_dir f;
    auto go = (f.path() / "go").string();
    world w({{"default", {{"reply", "x"}, {"hold_until_file", go}, {"before_headers", true}}}});
    w.start();
    std::vector<secret> tokens;
    for (int task = 1; task <= 4; ++task)
        tokens.push_back(w.begin(task, 5.5 * a_call, 14.5 * a_call));
    w.run([&]() -> awaitable<> {
        int left = 64, refused = 0, done = 0;
        event all(w.io.get_executor());
        auto one = [&](int i) -> awaitable<> {
            auto got = co_await w.ask(w.chat(tokens[static_cast<std::size_t>(i % 4)]));
            got.status == 402 ? ++refused : ++done;
            // Those that are let through wait for the file: all reservations stand at the same time.
            if (--left == 0) all.set();
            if (refused >= 50 && !std::filesystem::exists(go)) {
                EXPECT_LE(co_await counted(w), 14.5 * a_call);
                for (auto* task : {"task = 1", "task = 2", "task = 3", "task = 4"})
                    EXPECT_LE(co_await counted(w, task), 5.5 * a_call);
                std::ofstream{go};
            }
        };
        for (int i = 0; i < 64; ++i)
            spawn(w.io.get_executor(), "one", one(i));
        co_await all.wait();
        EXPECT_EQ(refused, 50);
        EXPECT_EQ(done, 14) << "and what fits is let through";
    });
    EXPECT_EQ(w.models.requests(14).size(), 14u);
}

TEST(budget, a_reservation_of_a_crashed_gateway_counts_until_it_is_settled) {
    temp_dir f;
    auto never = (f.path() / "never").string();
    world w(steps({{{"reply", std::string(1000, 'x')}, {"hold_until_file", never}, {"after_chunks", 1}}}));
    w.start();
    auto token = w.begin(1, 1.5 * a_call);
    w.run([&]() -> awaitable<> {
        auto open = co_await w.client->open(w.chat(token));
        EXPECT_TRUE(open);
        co_await w.data.until([&]() -> awaitable<bool> { // the endpoint's name of the call is in the database
            auto rows = co_await w.data.pool.query("select count(*) from llm_calls where generation is not null");
            co_return rows.number(0, 0) == 1;
        });
        w.stop(); // as a crash leaves it: nothing is settled any more
    });
    w.run([&]() -> awaitable<> {
        EXPECT_EQ(co_await w.calls(), "reserved:-");
        w.start();
        auto s = co_await w.gate->spent_by(task_id{1});
        EXPECT_NEAR(s.cost_usd, a_call, 0.001);
        EXPECT_TRUE(s.estimated);
        auto day = w.begin(2, 2, 1.5 * a_call);
        EXPECT_EQ((co_await w.ask(w.chat(day))).status, 402) << "the day counts it too";
        EXPECT_EQ(co_await w.calls(), "reserved:-");
        w.begin(1, 1.5 * a_call); // the task's next session: no other can be at work on it
        auto settled = co_await w.settled_calls();
        EXPECT_TRUE(settled == "lost:generation" || settled == "lost:reservation") << settled;
    });
}

TEST(budget, a_stale_reservation_of_any_task_is_settled_at_start) {
    world w(steps({}));
    w.run([&]() -> awaitable<> {
        co_await w.data.pool.query(
            "insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, "
            "priced) values (9, '2030-05-01', 'm', 'reserved', '2030-05-01 10:59Z', 0.5, 9, true), "
            "(9, '2030-05-01', 'm', 'reserved', '2030-05-01 11:01Z', 0.5, 9, true)");
        w.start();
        co_await w.data.until(
            [&]() -> awaitable<bool> { co_return co_await w.calls() == "lost:reservation reserved:-"; });
        EXPECT_NEAR(co_await counted(w), 1.0, 1e-9);
    });
}

TEST(budget, a_new_day_has_a_new_budget) {
    world w({{"default", {{"reply", std::string(3600, 'x')}}}});
    w.start();
    auto token = w.begin(1, 2, 1.5 * a_call);
    w.run([&]() -> awaitable<> {
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 402);
        w.time.at += 12h;
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
        EXPECT_EQ(w.gate->failure_of(token).why, cause::none);
    });
}

TEST(budget, an_answer_shrinks_to_what_the_budget_leaves) {
    world w({{"default", {{"reply", "x"}}}});
    w.start();
    auto token = w.begin(1, 0.075); // 5000 tokens' worth
    w.run([&]() -> awaitable<> { EXPECT_EQ((co_await w.ask(w.chat(token, true, 20000))).status, 200); });
    auto granted = w.models.requests(1).at(0)["body"].at("max_tokens").as_int64();
    EXPECT_LT(granted, 5000);
    EXPECT_GE(granted, limits::model_output_tokens_least);
}

TEST(budget, an_endpoint_without_costs_is_counted_by_prices_else_by_tokens_and_says_so) {
    world by_list({{"default", {{"reply", "x"}}}}, {"--no-cost", "--no-usage-unless-asked"});
    by_list.start();
    auto token = by_list.begin();
    by_list.run([&]() -> awaitable<> {
        co_await by_list.ask(by_list.chat(token));
        EXPECT_EQ(co_await by_list.calls(), "ok:prices");
        auto s = co_await by_list.gate->spent_by(task_id{1});
        EXPECT_TRUE(s.estimated);
        EXPECT_GT(s.cost_usd, 0);
    });
    for (bool priced : {true, false}) {
        world w({{"default", {{"reply", "x"}}}}, {"--no-cost", "--no-prices"});
        if (priced) w.where.price_prompt = w.where.price_completion = 10;
        w.start();
        auto mine = w.begin();
        w.run([&]() -> awaitable<> {
            EXPECT_EQ((co_await w.ask(w.chat(mine))).status, 200);
            EXPECT_EQ(co_await w.calls(), priced ? "ok:prices" : "ok:tokens");
            auto s = co_await w.gate->spent_by(task_id{1});
            EXPECT_TRUE(s.estimated);
            EXPECT_GT(s.tokens_sent, 0);
            EXPECT_EQ(s.cost_usd > 0, priced);
        });
    }
}

TEST(budget, with_an_own_provider_key_both_prices_count) {
    world w({{"default", {{"reply", std::string(4000, 'x')}}}}, {"--byok"});
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        co_await w.ask(w.chat(token));
        EXPECT_NEAR((co_await w.gate->spent_by(task_id{1})).cost_usd, a_call * 1.05, 0.0005);
    });
}

TEST(budget, the_table_refuses_what_no_state_allows) {
    world w(steps({}));
    w.run([&]() -> awaitable<> {
        const std::string head =
            "insert into llm_calls (task, day, model, reserved_at, reserved_usd, reserved_tokens, priced, state";
        for (auto tail : {") values (1, '2030-01-01', 'm', now(), 1, 1, true, 'settled')",
                          ", cost_usd) values (1, '2030-01-01', 'm', now(), 1, 1, true, 'reserved', 1)",
                          ") values (1, '2030-01-01', 'm', now(), 1, 1, false, 'reserved')",
                          ") values (1, '2030-01-01', 'm', now(), -1, 1, true, 'reserved')",
                          ") values (1, '2030-01-01', 'm', now(), 1, 1, true, 'paid')"}) {
            std::string state;
            try {
                co_await w.data.pool.query(head + tail);
            } catch (const store::db_error& e) {
                state = e.sqlstate;
            }
            EXPECT_EQ(state, "23514") << tail;
        }
    });
}

TEST(budget, a_settled_cost_is_stored_whatever_it_is_and_marked_when_it_is_above_its_reservation) {
    world w(steps({}));
    w.run([&]() -> awaitable<> {
        ledger books(w.data.pool, w.time);
        model_facts dollar_a_million;
        dollar_a_million.price_prompt = dollar_a_million.price_completion = 1;
        for (double cost : {0.0, 1e-12, 0.001, 0.0010000001, 1.5e9}) { // 500 + 500 tokens reserve 0.001
            auto r = co_await books.reserve({.task = {5},
                                             .model = "m",
                                             .prices = quote_for(500, false, dollar_a_million),
                                             .most_tokens = 500,
                                             .task_budget_usd = 2,
                                             .day_budget_usd = 2});
            EXPECT_TRUE(co_await books.settle(r.call, {{1, 1}, cost, "cost"}, "ok"));
            auto row = co_await w.data.pool.query(
                "select reserved_usd, cost_usd::float8, above_reservation from llm_calls where id = $1::bigint",
                {std::to_string(r.call)});
            EXPECT_DOUBLE_EQ(row.real(0, 0), 0.001);
            EXPECT_EQ(row.real(0, 1), cost);
            EXPECT_EQ(row.boolean(0, 2), cost > 0.001) << cost;
        }
        EXPECT_NEAR((co_await books.spent_by({5}, {})).cost_usd, 1.5e9, 1);
        EXPECT_EQ(
            (co_await books.reserve({.task = {5}, .model = "m", .task_budget_usd = 2, .day_budget_usd = 2})).refused,
            cause::task_budget);
        for (auto value : {"true", "false"}) { // nobody says it but the table
            std::string state;
            try {
                co_await w.data.pool.query(std::string("update llm_calls set above_reservation = ") + value);
            } catch (const store::db_error& e) {
                state = e.sqlstate;
            }
            EXPECT_EQ(state, "428C9");
        }
    });
}

TEST(budget, what_a_call_costs_beside_its_tokens_is_reserved) {
    world w(steps({}));
    w.run([&]() -> awaitable<> {
        ledger books(w.data.pool, w.time);
        model_facts searching;
        searching.price_prompt = searching.price_completion = 0;
        searching.price_request = 1.25;
        auto ask = [&]() -> awaitable<ledger::reservation> {
            co_return co_await books.reserve({.task = {5},
                                              .model = "m",
                                              .prices = quote_for(500, false, searching),
                                              .most_tokens = 500,
                                              .task_budget_usd = 2,
                                              .day_budget_usd = 20});
        };
        auto first = co_await ask();
        EXPECT_EQ(first.tokens, 500);
        EXPECT_DOUBLE_EQ(co_await counted(w), 1.25);
        EXPECT_EQ((co_await ask()).refused, cause::task_budget);
        EXPECT_TRUE(
            co_await books.settle(first.call, {{.sent = 100, .received = 5, .cached = 80}, 1.25, "cost"}, "ok"));
        EXPECT_EQ((co_await w.data.pool.query("select above_reservation from llm_calls")).text(0, 0), "f");
        EXPECT_EQ((co_await books.spent_by({5}, {})).tokens_cached, 80);
        searching.price_request = 1 / 3e6; // more digits than the column holds
        auto odd = co_await ask();
        EXPECT_TRUE(co_await books.settle(odd.call, {{}, 1 / 3e6, "cost"}, "ok"));
        EXPECT_EQ((co_await w.data.pool.query("select count(*) from llm_calls where above_reservation")).number(0, 0),
                  0);
    });
}

TEST(budget, a_call_that_came_dearer_than_its_reservation_ends_the_others_and_the_task) {
    temp_dir f;
    auto never = (f.path() / "never").string();
    world w(steps({{{"reply", std::string(1000, 'x')}, {"hold_until_file", never}, {"after_chunks", 1}, {"times", 3}},
                   {{"reply", "dear"}, {"usage", {{"cost", 3.5}}}},
                   {{"reply", "another task's"}}}));
    w.start();
    auto token = w.begin(1, 0.5);
    auto other = w.begin(2);
    w.run([&]() -> awaitable<> {
        std::vector<std::unique_ptr<http::exchange>> under_way;
        for (int i = 0; i < 3; ++i) {
            auto open = co_await w.client->open(w.chat(token));
            EXPECT_TRUE(open);
            for (std::string got; got.find("xxx") == got.npos;)
                got += (co_await (*open)->read()).value_or("xxx broken");
            under_way.push_back(std::move(*open));
        }
        auto dear = co_await w.ask(w.chat(token));
        EXPECT_TRUE(dear.body.ends_with("data: [DONE]\n\n")) << "it is paid for";
        for (auto& each : under_way) {
            auto rest = co_await each->read();
            while (rest && !rest->empty())
                rest = co_await each->read();
            EXPECT_FALSE(rest) << "cut";
        }
        auto settled = co_await w.settled_calls();
        EXPECT_TRUE(settled.contains("ok:cost")) << settled;
        EXPECT_EQ(settled.find("aborted"), 0u) << settled;
        auto later = co_await w.ask(w.chat(token));
        EXPECT_EQ(later.status, 402);
        EXPECT_TRUE(message(later).starts_with("Insufficient credits: a call of the model cost $3.5000"))
            << message(later);
        EXPECT_GT((co_await w.gate->spent_by(task_id{1})).cost_usd, 3.5) << "all of it is counted";
        EXPECT_EQ((co_await w.ask(w.chat(other))).status, 200);
    });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::task_budget) << "though the dear call succeeded";
    EXPECT_EQ(w.gate->failure_of(other).why, cause::none);
    EXPECT_EQ(w.models.requests(5).size(), 5u);
}

TEST(budget, a_prompt_that_is_kept_is_reserved_at_the_price_of_writing_it) {
    world w({{"default", {{"reply", "x"}}}});
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
        auto rows = co_await w.data.pool.query("select reserved_usd::float8 from llm_calls order by id");
        EXPECT_NEAR((rows.real(1, 0) - a_call) / (rows.real(0, 0) - a_call), 1.25, 0.01);
    });
}

TEST(budget, an_answer_that_the_account_cannot_pay_is_asked_for_shorter_once) {
    world w({{"default", {{"reply", "x"}}}}, {"--credit", "0.6"}); // 40,000 tokens' worth
    w.start();
    auto token = w.begin(1, 8);
    w.run([&]() -> awaitable<> {
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ((co_await w.ask(w.chat(token, true, 0))).status, 200);
        EXPECT_EQ(co_await w.settled_calls(), "credit:nothing ok:cost ok:cost");
    });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::none);
    std::vector<std::int64_t> bounds;
    for (const auto& asked : w.models.requests(3))
        bounds.push_back(asked.at("body").at("max_tokens").as_int64());
    EXPECT_EQ(bounds, (std::vector<std::int64_t>{64'000, limits::model_output_tokens, limits::model_output_tokens}));
}

TEST(budget, an_answer_that_it_cut_is_told_as_that) {
    world w({{"default", {{"reply", std::string(40'000, 'x')}}}}); // 10,000 tokens
    w.start();
    auto own = w.begin(1, 2);
    auto poor = w.begin(2, 0.075);
    auto late = w.begin(3, 2, 0.35);
    w.run([&]() -> awaitable<> {
        auto got = co_await w.ask(w.chat(own, true, 1000));
        EXPECT_TRUE(got.body.contains(R"("finish_reason": "length")")) << got.body;
        EXPECT_EQ(w.gate->failure_of(own).why, cause::none) << "the agent's own bound is its own affair";
        EXPECT_EQ((co_await w.ask(w.chat(poor, true, 0))).status, 200);
        EXPECT_EQ((co_await w.ask(w.chat(own, true, 11'000))).status, 200);
        EXPECT_EQ((co_await w.ask(w.chat(late, true, 0))).status, 200);
    });
    EXPECT_EQ(w.gate->failure_of(poor).why, cause::task_budget);
    EXPECT_TRUE(w.gate->failure_of(poor).sentence.contains("was cut: the budget of this task had room for 49"))
        << w.gate->failure_of(poor).sentence;
    EXPECT_EQ(w.gate->failure_of(late).why, cause::day_budget) << w.gate->failure_of(late).sentence;
}

TEST(budget, the_rest_of_an_answer_that_is_refused_fails_nothing) {
    world w(steps({{{"reply", "half of"}, {"finish_reason", "length"}},
                   {{"error", {{"status", 400}, {"message", "This model does not support prefill."}}}}}));
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        EXPECT_EQ((co_await w.ask(w.chat(token))).status, 200);
        auto rest = w.chat(token);
        auto body = boost::json::parse(rest.body).as_object();
        body["messages"].as_array().push_back({{"role", "assistant"}, {"content", "half of"}, {"prefix", true}});
        rest.body = boost::json::serialize(body);
        EXPECT_EQ((co_await w.ask(rest)).status, 400);
    });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::none);
}
