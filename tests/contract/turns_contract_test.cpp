// What queue::requests promises about replies; the same tests run on PostgreSQL and on the simulator's model of it.
#include "contract/bench.hpp"
#include "mechanic/step.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace persais::contract;
using namespace std::chrono_literals;
using queue::reply;
using queue::requests;
using queue::tasks;

namespace {

const std::string commit(40, 'c');

template <class B>
struct turns_contract : ::testing::Test {
    template <class F>
    void with(F body) {
        on_a<B>([body](bench& on) -> awaitable<void> { return body(on.process(0)); });
    }
};

struct names {
    template <class B>
    static std::string GetName(int) {
        return std::is_same_v<B, model_bench> ? "model" : "postgresql";
    }
};
using stores = ::testing::Types<model_bench, pg_bench>;
TYPED_TEST_SUITE(turns_contract, stores, names);

awaitable<task_id> added(requests& all, bool foreground = false) {
    co_return co_await all.add(
        {.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 2, .foreground = foreground});
}

/// Brings the task into this state, as the driver would.
awaitable<void> bring(requests& all, task_id id, state to) {
    auto was = co_await all.load(id);
    EXPECT_TRUE(co_await all.save(*was, queue::testing::in_state(was->task, std::move(to)), false));
}

} // namespace

TYPED_TEST(turns_contract, a_reply_is_kept_until_its_task_has_settled) {
    this->with([](tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        EXPECT_EQ((co_await all.load(id))->last_turn, 0);
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "and the tests", 42}));
        EXPECT_TRUE(co_await all.keep_reply(id, {2, "and the docs"}));
        EXPECT_FALSE(co_await all.keep_reply(id, {2, "a second press"}));
        auto now = co_await all.load(id);
        EXPECT_EQ(now->last_turn, 2);
        EXPECT_EQ(now->kept, (reply{1, "and the tests", 42}));
        EXPECT_TRUE((co_await all.turns_to_begin()).empty()) << "it is under way";
        co_await bring(all, id, review{commit, verdict::ready});
        EXPECT_EQ(co_await all.turns_to_begin(), std::vector{id});
        EXPECT_TRUE((co_await all.turns_of(id)).empty());
    });
}

TYPED_TEST(turns_contract, one_is_begun_with_the_change_that_begins_it_and_once) {
    this->with([](tasks& all) -> awaitable<void> {
        auto id = co_await added(all, true);
        co_await bring(all, id, review{commit, verdict::ready});
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "and the tests", 42}));
        auto was = co_await all.load(id);
        auto next = was->task;
        EXPECT_TRUE(step(next, replied{1, "and the tests"}, was->read_at).has_value());
        EXPECT_TRUE(co_await all.save(*was, next, false, {.begins = was->kept}));
        EXPECT_FALSE(co_await all.save(*was, next, false, {.begins = was->kept})) << "another was first";
        auto now = co_await all.load(id);
        EXPECT_EQ(now->task, next);
        EXPECT_FALSE(now->task.what.foreground) << "the service takes it";
        EXPECT_FALSE(now->kept);
        EXPECT_EQ(co_await all.turns_of(id), (std::vector{reply{1, "and the tests", 42}}));
        EXPECT_EQ((co_await all.claimable())->task.id, id);
    });
}

TYPED_TEST(turns_contract, one_that_was_never_kept_is_written_with_its_beginning) {
    this->with([](tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        co_await bring(all, id, failed{verdict::no_change, "", "Nothing."});
        auto was = co_await all.load(id);
        auto next = was->task;
        EXPECT_TRUE(step(next, replied{1, "here and now", true}, was->read_at).has_value());
        EXPECT_TRUE(co_await all.save(*was, next, false, {.begins = reply{1, "here and now"}}));
        EXPECT_EQ((co_await all.turns_of(id)).size(), 1U);
        EXPECT_FALSE(co_await all.claimable()) << "a terminal's own";
        EXPECT_EQ((co_await all.claimable(id))->task.known.asked, "here and now");
    });
}

TYPED_TEST(turns_contract, what_a_stale_write_would_have_begun_stays_kept) {
    this->with([](tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        co_await bring(all, id, review{commit, verdict::ready});
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "and the tests"}));
        auto was = co_await all.load(id);
        auto next = was->task;
        EXPECT_TRUE(step(next, replied{1, "and the tests"}, was->read_at).has_value());
        co_await bring(all, id, aborted{});
        EXPECT_FALSE(co_await all.save(*was, next, false, {.begins = was->kept}));
        EXPECT_EQ((co_await all.load(id))->kept->turn, 1);
    });
}

TYPED_TEST(turns_contract, dropped_replies_leave_their_numbers_out) {
    this->with([](tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "and the tests"}));
        co_await all.drop_replies(id);
        auto now = co_await all.load(id);
        EXPECT_FALSE(now->kept);
        EXPECT_EQ(now->last_turn, 1);
        co_await bring(all, id, aborted{});
        EXPECT_TRUE((co_await all.turns_to_begin()).empty());
    });
}

TYPED_TEST(turns_contract, the_reply_that_waited_longest_is_begun_first) {
    this->with([](tasks& all) -> awaitable<void> {
        auto first = co_await added(all), second = co_await added(all);
        for (auto id : {second, first}) {
            co_await bring(all, id, aborted{});
            EXPECT_TRUE(co_await all.keep_reply(id, {1, "on"}));
        }
        EXPECT_EQ(co_await all.turns_to_begin(), (std::vector{second, first}));
    });
}

TYPED_TEST(turns_contract, a_task_carries_on_a_conversation_and_names_the_question) {
    this->with([](tasks& all) -> awaitable<void> {
        auto question = co_await added(all);
        auto what = (co_await all.load(question))->task.what;
        what.from_answer = question;
        std::string talk = R"([{"role": "user", "content": "why?"}])";
        auto id = co_await all.add(what, talk);
        auto found = co_await all.load(id);
        EXPECT_EQ(found->task.what, what);
        EXPECT_EQ(found->conversation, talk);
    });
}

TYPED_TEST(turns_contract, more_money_wakes_the_task_that_waits_for_it_once) {
    this->with([](tasks& all) -> awaitable<void> {
        auto id = co_await added(all), other = co_await added(all);
        auto now = (co_await all.load(id))->read_at;
        co_await bring(all, id, waiting{wait_reason::task_budget, now + 24h, now + 24h});
        co_await bring(all, other, waiting{wait_reason::credit, now + 1h, now + 24h});
        EXPECT_FALSE(co_await all.claimable());
        EXPECT_TRUE(co_await all.raise_budget(id, 3.5));
        EXPECT_FALSE(co_await all.raise_budget(id, 3.5)) << "pressed twice";
        EXPECT_EQ((co_await all.load(id))->task.what.budget_usd, 3.5);
        EXPECT_EQ((co_await all.claimable())->task.id, id);
        EXPECT_TRUE(co_await all.raise_budget(other, 9)) << "it may spend more later";
        EXPECT_GT(std::get<waiting>((co_await all.load(other))->task.now).until, now + 50min)
            << "not what it waits for";
    });
}

TYPED_TEST(turns_contract, a_write_of_an_earlier_turn_that_comes_late_is_dropped) {
    this->with([](tasks& all) -> awaitable<void> {
        auto id = co_await added(all);
        co_await bring(all, id, review{commit, verdict::ready});
        auto was = co_await all.load(id);
        auto late = was->task;
        EXPECT_TRUE(step(late, replied{1, "and the tests"}, was->read_at).has_value());
        EXPECT_TRUE(co_await all.save(*was, late, false, {.begins = reply{1, "and the tests"}}));
        auto turn = co_await all.load(id);
        auto next = turn->task;
        EXPECT_TRUE(step(next, abort_wished{}, turn->read_at).has_value());
        next = queue::testing::in_state(next, review{commit, verdict::ready}); // the same state with the same fence
        EXPECT_TRUE(co_await all.save(*turn, next, false));
        EXPECT_FALSE(co_await all.save(*was, late, false, {.begins = reply{1, "and the tests"}}));
        EXPECT_EQ(name_of((co_await all.load(id))->task.now), "review");
    });
}
