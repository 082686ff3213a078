#include "contract/tasks_contract.hpp"

using namespace persais;
using namespace persais::contract;
using namespace persais::mechanic;
using namespace std::chrono_literals;

TYPED_TEST_SUITE(tasks_contract, stores, names);

namespace {

std::vector<task_id> ids_of(const std::vector<snapshot>& all) {
    std::vector<task_id> ids;
    for (const auto& each : all)
        ids.push_back(each.task.id);
    return ids;
}

} // namespace

TYPED_TEST(tasks_contract, a_look_finds_for_several_slots_what_claims_one_by_one_would_get) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        co_await all.add(of("a"));
        auto dead = co_await claim(all);
        co_await all.add(of("b"));
        auto waits = co_await claim(all);
        EXPECT_TRUE(co_await move_to(all, *waits, waiting{wait_reason::key, waits->read_at + 5s, waits->read_at + 1h}));
        for (const char* remote : {"a", "a", "b", "b", "c", "c", "c"})
            co_await all.add(of(remote));
        co_await on.pass(ttl + 1s);
        auto seen = co_await all.look({}, 6, false);
        EXPECT_EQ(seen.claimable.size(), 6u);
        std::vector<task_id> in_turn{dead->task.id, waits->task.id};
        EXPECT_EQ((co_await claim(all))->task.id, dead->task.id);
        EXPECT_TRUE(co_await move_to(all, *co_await all.load(waits->task.id), aborted{}));
        while (in_turn.size() < 6)
            in_turn.push_back((co_await claim(all))->task.id);
        EXPECT_EQ(ids_of(seen.claimable), in_turn);
        EXPECT_EQ((co_await all.look({}, 2, false)).claimable.size(), 2u);
        EXPECT_TRUE((co_await all.look({}, 0, false)).claimable.empty());
    });
}

TYPED_TEST(tasks_contract, a_look_tells_wishes_turns_and_when_something_falls_due) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto none = co_await all.look({}, 4, true);
        EXPECT_TRUE(none.claimable.empty() && none.turns.empty() && none.to_abort.empty() && !none.next.due);
        auto first = co_await all.add(of("r"));
        auto held = co_await claim(all);
        auto second = co_await all.add(of("r"));
        co_await all.wish_abort(first);
        auto over = co_await all.load(co_await all.add(of("r")));
        EXPECT_TRUE(co_await move_to(all, *over, aborted{}));
        EXPECT_TRUE(co_await all.keep_reply(over->task.id, {.turn = 1, .instruction = "and then"}));
        auto seen = co_await all.look({first, second}, 4, true);
        EXPECT_EQ(seen.to_abort, std::vector{first});
        EXPECT_EQ(seen.turns, std::vector{over->task.id});
        EXPECT_EQ(ids_of(seen.claimable), std::vector{second});
        EXPECT_EQ(seen.next.queued, 1);
        EXPECT_EQ(seen.next.due, 0ms);
    });
}

TYPED_TEST(tasks_contract, a_look_finds_the_others_beside_a_row_that_cannot_be_read) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto broken = co_await all.add(of("a"));
        auto next = co_await all.add(of("b"));
        co_await on.make_unreadable(broken);
        auto seen = co_await all.look({}, 4, false);
        EXPECT_EQ(ids_of(seen.claimable), std::vector{next});
        EXPECT_EQ(seen.unusable.size(), 1u);
        EXPECT_EQ(seen.unusable.at(0).id, broken);
    });
}

TYPED_TEST(tasks_contract, after_a_claim_that_was_forgotten_the_next_owner_of_the_same_fence_is_alone) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto id = co_await one.add(of("r"));
        auto forgotten = co_await claim(one);
        co_await on.forget_claim(id);
        EXPECT_FALSE((co_await one.renew(id, forgotten->at)).held);
        EXPECT_FALSE(co_await move_to(one, *forgotten, coding{1, 0, {}}));
        auto held = co_await claim(two);
        EXPECT_EQ(held->at, forgotten->at);
        EXPECT_FALSE((co_await one.renew(id, forgotten->at)).held);
        EXPECT_FALSE(co_await move_to(one, *forgotten, coding{1, 0, {}}, {.outbox = {"done"}}));
        EXPECT_TRUE((co_await two.renew(id, held->at)).held);
        EXPECT_TRUE(co_await move_to(two, *held, coding{1, 0, {}}));
        EXPECT_EQ(co_await on.told(id), lines{});
    });
}
