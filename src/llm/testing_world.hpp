#pragma once
#include "http/testing.hpp"
#include "llm/gateway.hpp"
#include "llm/testing.hpp"
#include "llm/testing_database.hpp"

namespace persais::llm::testing {

/// Wall time that a test moves by hand.
struct hand_clock final : clock {
    time_point at = std::chrono::sys_days(std::chrono::year(2030) / 5 / 1) + std::chrono::hours(12);
    time_point now() const override { return at; }
};

/// A gateway between a scripted model server and an agent, on a database of its own.
struct world : http::testing::loop {
    explicit world(boost::json::value script, std::vector<std::string> more = {}, std::string key = model_server::key)
        : models(dir.path(), std::move(script), std::move(more)), client(io.get_executor()) {
        where.base_url = models.url;
        where.key = secret(std::move(key));
        options.luck = [] { return 0.0; };
        options.backoff_first = options.backoff_most = std::chrono::milliseconds(2);
        options.settle_after = {std::chrono::milliseconds(1), std::chrono::milliseconds(20),
                                std::chrono::milliseconds(100)};
    }
    ~world() {
        client.reset();
        stop();
        data.pool.close();
        EXPECT_TRUE(dry()) << "something is still under way";
    }
    void start() {
        gate.emplace(io.get_executor(), data.pool, time, where, options);
        auto listening = gate->listen(socket());
        if (!listening) throw std::runtime_error(listening.error());
    }
    void stop() {
        if (gate) gate->close();
        gate.reset();
    }
    std::string socket() const { return (dir.path() / "gateway.sock").string(); }
    secret begin(std::int64_t task = 1, double budget = 2, double day = 20) {
        return gate->begin({.task = task_id{task},
                            .model = "persais/scripted",
                            .task_budget_usd = budget,
                            .day_budget_usd = day,
                            .deadline = std::chrono::minutes(5),
                            .alive = [this] { ++alive; }});
    }
    http::fetch_spec chat(const secret& token, bool stream = true, std::int64_t max_tokens = 1000,
                          std::string model = "persais/scripted") const {
        boost::json::object body{{"model", model},
                                 {"messages", {{{"role", "user"}, {"content", "hello"}}}},
                                 {"stream", stream},
                                 {"max_tokens", max_tokens}};
        return {.method = "POST",
                .url = "http://gateway/v1/chat/completions",
                .fields = {{"Content-Type", "application/json"}},
                .secret_fields = {{"Authorization", around("Bearer ", token)}},
                .body = boost::json::serialize(body),
                .unix_socket = socket()};
    }
    awaitable<http::fetched> ask(http::fetch_spec what) {
        auto got = co_await client->fetch(std::move(what), 10'000'000);
        EXPECT_TRUE(got) << got.error().sentence;
        auto answer = got.value_or(http::fetched{});
        auto all = answer.body;
        for (auto& [name, value] : answer.fields)
            all += name + value;
        EXPECT_EQ(all.find(model_server::key), all.npos) << "the key reached the agent";
        co_return answer;
    }
    /// One call's columns as text, in the order of the calls: outcome:settled_by:cost.
    awaitable<std::string> calls() {
        auto rows = co_await data.pool.query("select coalesce(string_agg(coalesce(outcome, state) || ':' || "
                                             "coalesce(settled_by, '-'), ' ' order by id), '') from llm_calls");
        co_return std::string(rows.text(0, 0));
    }
    /// Waits until nothing is reserved any more.
    awaitable<std::string> settled_calls() {
        std::string all;
        co_await data.until([&]() -> awaitable<bool> {
            all = co_await calls();
            co_return all.find("reserved") == all.npos;
        });
        co_return all;
    }

    temp_dir dir;
    model_server models;
    database data{io.get_executor()};
    hand_clock time;
    upstream where;
    gateway_options options;
    std::optional<gateway> gate;
    std::optional<http::client> client;
    int alive = 0;
};

inline boost::json::object steps(boost::json::array all) {
    return {{"steps", std::move(all)}};
}
inline std::string message(const http::fetched& answer) {
    return boost::json::parse(answer.body).at("error").at("message").as_string().c_str();
}

} // namespace persais::llm::testing
