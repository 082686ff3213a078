// What counts as a sign of life of a model, and how long is waited without one.
#include "llm/limits.hpp"
#include "llm/testing_world.hpp"

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using namespace std::chrono_literals;
using boost::json::array;
using boost::json::object;

TEST(silence, what_fails_is_no_sign_of_life) {
    const object fine{{"reply", "at last"}};
    array trouble;
    for (object e : {object{{"status", 429}, {"retry_after", "0"}}, object{{"status", 500}}, object{{"status", 502}}})
        trouble.push_back({{"error", e}});
    trouble.push_back({{"error_in_200", {{"status", 502}}}});
    trouble.push_back({{"drop", true}});
    trouble.push_back(fine);
    for (bool stream : {true, false}) {
        world smooth(steps({fine})), rough(steps(trouble));
        for (auto* w : {&smooth, &rough}) {
            w->start();
            auto token = w->begin();
            w->run([&]() -> awaitable<> { EXPECT_EQ((co_await w->ask(w->chat(token, stream))).status, 200); });
        }
        EXPECT_GT(smooth.alive, 0);
        EXPECT_EQ(rough.alive, smooth.alive);
    }
}

TEST(silence, an_endpoint_that_fails_is_asked_only_while_the_agent_may_be_silent) {
    world w({{"default", {{"error", {{"status", 500}}}, {"times", 0}}}});
    w.options.backoff_first = w.options.backoff_most = 100ms;
    w.start();
    auto token = w.gate->begin({.task = task_id{1},
                                .model = "persais/scripted",
                                .task_budget_usd = 2,
                                .day_budget_usd = 20,
                                .deadline = std::chrono::minutes(5),
                                .idle = 300ms});
    w.run([&]() -> awaitable<> { EXPECT_EQ((co_await w.ask(w.chat(token))).status, 500); });
    EXPECT_EQ(w.gate->failure_of(token).why, cause::network) << "and not that the time was over";
    EXPECT_LT(static_cast<int>(w.models.requests(1).size()), limits::model_tries);
}

TEST(silence, a_wait_that_is_longer_than_the_agent_may_be_silent_is_told_at_once) {
    world w({{"default", {{"error", {{"status", 429}, {"retry_after", "30"}}}, {"times", 0}}}});
    w.start();
    std::string told;
    event heard(w.io.get_executor());
    auto begin = [&](std::chrono::milliseconds idle, std::chrono::milliseconds deadline) {
        return w.gate->begin({.task = task_id{1},
                              .model = "persais/scripted",
                              .task_budget_usd = 2,
                              .day_budget_usd = 20,
                              .deadline = deadline,
                              .retrying =
                                  [&](std::string_view why) {
                                      told = why;
                                      heard.set();
                                  },
                              .idle = idle});
    };
    for (auto token : {begin(20s, 5min), begin(0s, 20s), begin(5min, 20s)})
        w.run([&]() -> awaitable<> {
            auto got = co_await w.ask(w.chat(token));
            EXPECT_EQ(got.status, 429);
            EXPECT_TRUE(message(got).contains("asks to wait 30 s, which this task may not")) << message(got);
            EXPECT_EQ(w.gate->failure_of(token).why, cause::rate);
            EXPECT_EQ(w.gate->failure_of(token).sentence, message(got));
            EXPECT_EQ(w.gate->failure_of(token).retry_after, 30s);
        });
    EXPECT_EQ(told, "") << "it does not wait";
    auto patient = begin(5min, 5min);
    w.run([&]() -> awaitable<> {
        auto call = [&]() -> awaitable<> { EXPECT_FALSE(co_await w.client->open(w.chat(patient))); };
        spawn(w.io.get_executor(), "call", call());
        co_await heard.wait();
        w.gate->end(patient);
    });
    EXPECT_TRUE(told.contains("It asks for a wait. Next try in 30 s.")) << told;
}
