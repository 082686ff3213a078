#include "contract/tasks_contract.hpp"

using namespace persais;
using namespace persais::contract;
using namespace persais::mechanic;
using namespace std::chrono_literals;

template <class B>
using claim_new_contract = tasks_contract<B>;
TYPED_TEST_SUITE(claim_new_contract, stores, names);

namespace {

using ids = std::vector<task_id>;

ids ids_of(const std::vector<snapshot>& all) {
    ids found;
    for (const auto& each : all)
        found.push_back(each.task.id);
    return found;
}

/// The state that a worker's claim brings such a task to.
preparing first_state() {
    task any{.now = queued{}};
    EXPECT_TRUE(step(any, claimed{lease{fence{1}}}, {}));
    return std::get<preparing>(any.now);
}

awaitable<std::vector<snapshot>> claim_new(queue::leases& all, int most) {
    return all.claim_new(most, first_state());
}

/// Whether a claim ends without an answer.
awaitable<bool> loses(queue::leases& all) {
    try {
        co_await claim_new(all, 4);
    } catch (const store::db_error& e) {
        co_return e.unknown_outcome();
    }
    co_return false;
}

} // namespace

TYPED_TEST(claim_new_contract, what_is_new_is_claimed_in_the_order_of_the_queue_and_held_as_by_any_claim) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        std::vector<task_id> added;
        for (const char* remote : {"a", "a", "b", "c"})
            added.push_back(co_await all.add(of(remote)));
        auto expected = ids_of((co_await all.look({}, 3, false)).claimable);
        auto got = co_await claim_new(all, 3);
        EXPECT_EQ(ids_of(got), expected);
        EXPECT_EQ(ids_of(got), (ids{added[0], added[2], added[3]}));
        for (const auto& each : got) {
            EXPECT_EQ(each.at, fence{1});
            EXPECT_EQ(each.owner, all.owner());
            auto stored = co_await all.load(each.task.id);
            EXPECT_EQ(stored->task, each.task) << "it is as it is stored";
            EXPECT_EQ(lease_of(each.task.now)->held, fence{1});
            EXPECT_GT(lease_of(each.task.now)->until, each.read_at + ttl - 1s);
            EXPECT_EQ(co_await on.events(each.task.id), lines{"state preparing"});
        }
        EXPECT_TRUE((co_await all.renew(added[0], fence{1})).held);
        EXPECT_TRUE(co_await move_to(all, got[0], coding{1, 0, {}}));
        EXPECT_FALSE(co_await move_to(on.process(1), got[1], coding{1, 0, {}})) << "it is another's";
        EXPECT_EQ(ids_of(co_await claim_new(on.process(1), 3)), ids{added[1]});
        EXPECT_TRUE((co_await claim_new(all, 3)).empty());
        EXPECT_TRUE((co_await claim_new(all, 0)).empty());
    });
}

TYPED_TEST(claim_new_contract, the_same_state_is_stored_as_by_a_claim_with_a_fenced_save) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        co_await all.add(of("a"));
        auto one = co_await claim(all);
        co_await all.add(of("b"));
        auto two = co_await claim_new(all, 1);
        EXPECT_EQ(two.size(), 1u);
        if (two.empty() || !one) co_return;
        auto is = std::get<preparing>(two[0].task.now), as = std::get<preparing>(one->task.now);
        EXPECT_EQ(is.attempt, as.attempt);
        EXPECT_EQ(is.by.held, as.by.held);
        EXPECT_EQ(two[0].task.known, one->task.known);
    });
}

TYPED_TEST(claim_new_contract, what_is_not_new_is_left_to_those_who_read_it_first) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        co_await all.add(of("a"));
        auto dead = co_await claim(all);
        co_await all.add(of("b"));
        auto used = co_await claim(all);
        auto back = used->task;
        back.known.attempts_used = 1;
        back.now = queued{used->read_at - 1s};
        EXPECT_TRUE(co_await all.save(*used, back, false));
        co_await all.add(of("c"));
        auto unwanted = co_await claim(all);
        EXPECT_TRUE(co_await all.wish_abort(unwanted->task.id));
        EXPECT_TRUE(co_await move_to(all, *unwanted, queued{unwanted->read_at - 1s}));
        co_await all.add(of("d"));
        auto returned = co_await claim(all);
        EXPECT_TRUE(co_await move_to(all, *returned, queued{returned->read_at - 1s}));
        auto unreadable = co_await all.add(of("e"));
        co_await on.make_unreadable(unreadable);
        co_await all.add(of("f", true));
        co_await on.pass(ttl + 1s);
        auto got = co_await claim_new(all, 9);
        EXPECT_EQ(ids_of(got), ids{returned->task.id}) << "nothing is known of it either";
        EXPECT_EQ(got.at(0).at, fence{2});
        auto left = co_await all.look({}, 9, false);
        EXPECT_EQ(left.claimable.size(), 3u);
        EXPECT_EQ(left.unusable.size(), 1u);
    });
}

TYPED_TEST(claim_new_contract, a_claim_whose_answer_is_lost_is_found_by_who_made_it_and_by_nobody_else) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        for (auto how : {loss::happened, loss::never_arrived}) {
            auto id = co_await one.add(of("r"));
            on.lose_next_write(0, how);
            auto got = co_await claim_new(one, 4);
            EXPECT_EQ(ids_of(got), ids{id});
            if (got.empty()) co_return;
            EXPECT_EQ(got[0].at, fence{1});
            EXPECT_EQ(co_await on.events(id), lines{"state preparing"}) << "claimed once";
            EXPECT_TRUE((co_await claim_new(one, 4)).empty()) << "told once";
            EXPECT_TRUE((co_await claim_new(two, 4)).empty());
            EXPECT_TRUE(co_await move_to(one, got[0], aborted{}));
        }
    });
}

TYPED_TEST(claim_new_contract, answers_that_are_lost_again_are_made_up_for_by_the_next_claim) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto first = co_await one.add(of("a"));
        on.lose_next_write(0, loss::happened, 2);
        EXPECT_TRUE(co_await loses(one));
        auto second = co_await two.add(of("b"));
        on.lose_next_write(1, loss::happened, 2);
        EXPECT_TRUE(co_await loses(two)) << "with the same numbers, each process counts its own";
        auto third = co_await one.add(of("c"));
        EXPECT_EQ(ids_of(co_await claim_new(one, 4)), (ids{first, third}));
        EXPECT_EQ(ids_of(co_await claim_new(two, 4)), ids{second});
        EXPECT_TRUE((co_await claim_new(one, 4)).empty());
    });
}

TYPED_TEST(claim_new_contract, a_lost_claim_is_not_found_again_when_it_became_anothers) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto id = co_await one.add(of("r"));
        on.lose_next_write(0, loss::happened, 2);
        EXPECT_TRUE(co_await loses(one));
        co_await on.pass(ttl + 1s);
        auto other = co_await claim(two, id);
        EXPECT_TRUE(other);
        EXPECT_TRUE((co_await claim_new(one, 4)).empty());
        EXPECT_TRUE((co_await two.renew(id, other->at)).held);
    });
}

TYPED_TEST(claim_new_contract, a_lost_claim_is_not_found_again_when_it_was_claimed_in_another_way) {
    this->with([](bench& on) -> awaitable<void> {
        auto& one = on.process(0);
        auto id = co_await one.add(of("r"));
        on.lose_next_write(0, loss::happened, 2);
        EXPECT_TRUE(co_await loses(one));
        co_await on.pass(ttl + 1s);
        EXPECT_TRUE(co_await claim(one, id));
        EXPECT_TRUE((co_await claim_new(one, 4)).empty()) << "two would work under one fence";
    });
}
