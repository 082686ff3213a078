#include "contract/tasks_contract.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::contract;
using namespace std::chrono_literals;
using queue::snapshot;
using queue::tasks;

template <class B>
using lost_answers_contract = tasks_contract<B>;
TYPED_TEST_SUITE(lost_answers_contract, stores, names);

TYPED_TEST(lost_answers_contract, a_lost_answer_is_found_in_the_row) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        for (auto how : {loss::happened, loss::never_arrived}) {
            auto id = co_await all.add(of("r"));
            on.lose_next_write(0, how);
            auto held = co_await claim(all, id);
            EXPECT_TRUE(held.has_value());
            if (!held) co_return;
            EXPECT_EQ(held->at.value, 1);
            on.lose_next_write(0, how);
            EXPECT_TRUE(co_await move_to(all, *held, aborted{}, {.outbox = {"aborted"}}));
            EXPECT_EQ(co_await on.told(id), lines{"aborted"}) << "told once";
            EXPECT_EQ(co_await on.events(id), (lines{"state preparing", "state aborted"}));
        }
    });
}

TYPED_TEST(lost_answers_contract, a_lost_answer_does_not_hide_that_another_was_first) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto id = co_await one.add(of("r"));
        auto first = co_await claim(one);
        EXPECT_TRUE(co_await move_to(one, *first, queued{first->read_at - 1s})); // now the next two are the same
        auto a = co_await one.claimable(), b = co_await two.claimable();
        auto next = a->task;
        EXPECT_TRUE(step(next, claimed{next_lease(*a)}, a->read_at).has_value());
        EXPECT_TRUE(co_await two.save(*b, next, true));
        on.lose_next_write(0, loss::never_arrived);
        EXPECT_FALSE(co_await one.save(*a, next, true)) << "two would work under one fence";
        EXPECT_EQ((co_await one.load(id))->at.value, 2);
    });
}

TYPED_TEST(lost_answers_contract, a_lost_answer_of_one_whose_lease_was_lost_says_so) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto id = co_await one.add(of("r"));
        auto held = co_await claim(one);
        co_await on.pass(ttl + 1s);
        auto other = co_await claim(two);
        EXPECT_TRUE(other.has_value());
        on.lose_next_write(0, loss::never_arrived);
        EXPECT_FALSE(co_await move_to(one, *held, aborted{}, {.outbox = {"aborted"}}));
        EXPECT_EQ(co_await on.told(id), lines{});
    });
}

TYPED_TEST(lost_answers_contract, a_write_that_arrives_late_does_not_meet_a_later_round) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto id = co_await all.add(of("r"));
        auto held = co_await claim(all);
        EXPECT_TRUE(co_await move_to(all, *held, coding{1, 0, {}}));
        auto first = co_await all.load(id);
        EXPECT_TRUE(co_await move_to(all, *first, checking{1, 0, {}}));
        auto checked = co_await all.load(id);
        EXPECT_TRUE(co_await move_to(all, *checked, coding{1, 1, {}}));
        EXPECT_FALSE(co_await move_to(all, *first, checking{1, 0, {}}));
        EXPECT_EQ(name_of((co_await all.load(id))->task.now), "coding");
    });
}
