#include "llm/limits.hpp"
#include "llm/testing_world.hpp"

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;
using namespace std::chrono_literals;

TEST(pause, cuts_a_stream_that_is_under_way_and_refuses_what_comes_after) {
    temp_dir f;
    auto never = (f.path() / "never").string();
    world w(steps({{{"reply", std::string(1000, 'x')}, {"hold_until_file", never}, {"after_chunks", 1}}}));
    w.options.pause_look = 5ms;
    bool told = false;
    w.options.paused = [&](bool now) { told = now; };
    w.start();
    auto token = w.begin();
    auto other = w.begin(2);
    w.run([&]() -> awaitable<> {
        event ended(w.io.get_executor());
        auto asking = [&]() -> awaitable<> {
            auto got = co_await w.client->fetch(w.chat(token), 10'000'000);
            EXPECT_FALSE(got) << "the stream was cut";
            ended.set();
        };
        spawn(w.io.get_executor(), "asking", asking());
        co_await w.data.until([&]() -> awaitable<bool> { co_return w.alive > 0; });
        co_await w.data.pool.query("insert into pause (by) values ('terminal')"); // by another process
        co_await ended.wait();
        EXPECT_EQ(w.gate->failure_of(token).why, cause::paused);
        EXPECT_EQ(w.gate->failure_of(other).why, cause::none) << "an agent that asked nothing may end";
        auto got = co_await w.ask(w.chat(token));
        EXPECT_EQ(got.status, 402);
        EXPECT_TRUE(message(got).starts_with("Insufficient credits: all spending is paused")) << message(got);
        EXPECT_TRUE(co_await w.gate->paused());
        EXPECT_EQ(w.models.requests(1).size(), 1U);
        co_await w.data.pool.query("delete from pause");
        EXPECT_FALSE(co_await w.gate->paused());
        EXPECT_FALSE(told);
    });
}

TEST(pause, of_another_process_is_known_when_it_is_looked_for_and_so_is_its_end) {
    world w(steps({}));
    std::vector<bool> told;
    w.options.paused = [&](bool now) { told.push_back(now); };
    w.start();
    w.run([&]() -> awaitable<> {
        co_await w.data.pool.query("insert into pause (by) values ('terminal')");
        co_await w.gate->look_for_pause();
        EXPECT_TRUE(co_await w.gate->paused()) << "before any call was refused";
        co_await w.data.pool.query("delete from pause");
        co_await w.gate->look_for_pause();
    });
    EXPECT_EQ(told, (std::vector{true, false}));
}

TEST(pause, is_at_once_in_the_process_that_was_asked) {
    temp_dir f;
    auto never = (f.path() / "never").string();
    world w(steps({{{"reply", std::string(1000, 'x')}, {"hold_until_file", never}, {"after_chunks", 1}}}));
    w.options.pause_look = 1h;
    w.start();
    auto token = w.begin();
    w.run([&]() -> awaitable<> {
        event ended(w.io.get_executor());
        auto asking = [&]() -> awaitable<> {
            EXPECT_FALSE(co_await w.client->fetch(w.chat(token), 10'000'000));
            ended.set();
        };
        spawn(w.io.get_executor(), "asking", asking());
        co_await w.data.until([&]() -> awaitable<bool> { co_return w.alive > 0; });
        w.gate->pause();
        co_await ended.wait();
        EXPECT_EQ(w.gate->failure_of(token).why, cause::paused);
    });
}

TEST(pause, that_is_over_lets_a_new_agent_ask) {
    world w(steps({{{"reply", "hello"}}}));
    w.start();
    w.run([&]() -> awaitable<> {
        co_await w.data.pool.query("insert into pause (by) values ('terminal')");
        auto before = w.begin();
        EXPECT_EQ((co_await w.ask(w.chat(before))).status, 402);
        EXPECT_EQ(w.gate->failure_of(before).why, cause::paused);
        w.gate->end(before);
        co_await w.data.pool.query("delete from pause");
        EXPECT_EQ((co_await w.ask(w.chat(w.begin()))).status, 200);
    });
    EXPECT_TRUE(limits::pause_look < 1s) << "within a second";
}
