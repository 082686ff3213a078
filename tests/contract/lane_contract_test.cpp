// A repository's lane: who brings work onto its base branch now.
#include "contract/tasks_contract.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::contract;
using namespace std::chrono_literals;
using queue::snapshot;

namespace {

/// A task that a worker holds, on its way onto the base branch of `remote`; `asked`: how long after the others.
awaitable<snapshot> landing_task(queue::tasks& all, std::string remote, std::chrono::seconds asked,
                                 state to = deploying{1, 0, commit, {}}) {
    auto id = co_await all.add(of(std::move(remote)));
    auto was = co_await all.load(id);
    auto next = queue::testing::in_state(was->task, std::move(to));
    next.known.lands->asked = time_point(1'700'000'000s) + asked;
    EXPECT_TRUE(co_await all.save(*was, next, true));
    auto held = co_await all.load(id);
    co_return *held;
}

} // namespace

template <class B>
struct lane_contract : tasks_contract<B> {};
TYPED_TEST_SUITE(lane_contract, stores, names);

TYPED_TEST(lane_contract, one_landing_of_a_repository_has_the_lane) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto first = co_await landing_task(one, "r", 0s);
        auto second = co_await landing_task(two, "r", 1s);
        auto elsewhere = co_await landing_task(two, "other", 2s);
        EXPECT_TRUE((co_await one.take_lane(first.task.id, first.at)).taken);
        EXPECT_TRUE((co_await one.take_lane(first.task.id, first.at)).taken); // twice is as once
        EXPECT_FALSE((co_await two.take_lane(second.task.id, second.at)).taken);
        EXPECT_TRUE((co_await two.take_lane(elsewhere.task.id, elsewhere.at)).taken);
        EXPECT_FALSE((co_await two.take_lane(second.task.id, fence{second.at.value + 1})).taken); // a stale fence
        auto done = queue::testing::in_state(first.task, deployed{commit});
        done.known.lands.reset();
        EXPECT_TRUE(co_await one.save(first, done, false));
        EXPECT_TRUE((co_await two.take_lane(second.task.id, second.at)).taken);
    });
}

TYPED_TEST(lane_contract, who_asked_first_lands_first) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto later = co_await landing_task(all, "r", 5s);
        auto earlier = co_await landing_task(all, "r", 0s, rolling_back{1, 0, commit, {}});
        EXPECT_FALSE((co_await all.take_lane(later.task.id, later.at)).taken);
        EXPECT_TRUE((co_await all.take_lane(earlier.task.id, earlier.at)).taken);
    });
}

TYPED_TEST(lane_contract, nobody_takes_the_lane_from_the_landing_that_has_it) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto later = co_await landing_task(all, "r", 5s);
        EXPECT_TRUE((co_await all.take_lane(later.task.id, later.at)).taken);
        auto earlier = co_await landing_task(all, "r", 0s);
        EXPECT_FALSE((co_await all.take_lane(earlier.task.id, earlier.at)).taken);
    });
}

TYPED_TEST(lane_contract, a_worker_that_died_has_the_lane_no_longer_than_its_lease) {
    this->with([](bench& on) -> awaitable<void> {
        auto &dead = on.process(0), &next = on.process(1);
        auto first = co_await landing_task(dead, "r", 0s);
        EXPECT_TRUE((co_await dead.take_lane(first.task.id, first.at)).taken);
        co_await on.pass(ttl + 1s);
        auto second = co_await landing_task(next, "r", 1s);
        EXPECT_TRUE((co_await next.take_lane(second.task.id, second.at)).taken);
        EXPECT_FALSE((co_await dead.take_lane(first.task.id, first.at)).taken);
    });
}

TYPED_TEST(lane_contract, a_landing_that_waits_is_due_when_the_one_before_it_has_ended) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto first = co_await landing_task(all, "r", 0s);
        auto second = co_await landing_task(all, "r", 1s);
        auto waits = second.task;
        waits.now = queued{second.read_at + 3600s};
        EXPECT_TRUE(co_await all.save(second, waits, false));
        EXPECT_FALSE(co_await all.claimable());
        auto done = first.task;
        done.now = review{commit, verdict::ready};
        done.known.lands.reset();
        EXPECT_TRUE(co_await all.save(first, done, false));
        auto due = co_await all.claimable();
        EXPECT_TRUE(due && due->task.id == second.task.id);
    });
}

TYPED_TEST(lane_contract, what_is_deployed_again_has_it_as_any_other_landing) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto was = co_await all.load(co_await all.add(of("r")));
        auto next = queue::testing::in_state(was->task, deploying{1, 0, commit, {}});
        next.known.lands->what = landing::kind::deploy_again;
        next.known.lands->asked = time_point(1'700'000'000s);
        EXPECT_TRUE(co_await all.save(*was, next, true));
        auto again = co_await all.load(was->task.id);
        EXPECT_EQ(again->task.known, next.known);
        EXPECT_TRUE((co_await all.take_lane(again->task.id, again->at)).taken);
        auto later = co_await landing_task(all, "r", 5s);
        EXPECT_FALSE((co_await all.take_lane(later.task.id, later.at)).taken);
        auto nothing = queue::testing::in_state(again->task, rolled_back{commit}); // it came to nothing
        nothing.known.lands.reset();
        EXPECT_TRUE(co_await all.save(*again, nothing, false));
        EXPECT_TRUE((co_await all.take_lane(later.task.id, later.at)).taken);
    });
}

namespace {

/// What the agent is to do about a conflict that this landing met.
task with_a_turn(const snapshot& of, const std::string& order) {
    auto t = of.task;
    facts was = t.known;
    t.known = {.turn = of.last_turn + 1, .asked = order};
    t.known.stands = was.stands;
    t.known.was = {was};
    t.now = queued{of.read_at};
    return t;
}

} // namespace

TYPED_TEST(lane_contract, a_conflict_frees_it_and_begins_a_turn_in_one_write) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto first = co_await landing_task(all, "r", 0s);
        EXPECT_TRUE((co_await all.take_lane(first.task.id, first.at)).taken);
        auto second = co_await landing_task(all, "r", 1s);
        EXPECT_FALSE((co_await all.take_lane(second.task.id, second.at)).taken);
        auto next = with_a_turn(first, "solve it");
        queue::side_writes also{.outbox = {"told"}, .begins = queue::reply{1, "solve it"}};
        EXPECT_TRUE(co_await all.save(first, next, false, also));
        EXPECT_FALSE(co_await all.save(first, next, false, also)) << "once";
        EXPECT_TRUE((co_await all.take_lane(second.task.id, second.at)).taken);
        auto now = co_await all.load(first.task.id);
        EXPECT_EQ(now->task.known, next.known);
        EXPECT_EQ(now->last_turn, 1);
        EXPECT_FALSE(now->kept);
        EXPECT_EQ(co_await all.turns_of(first.task.id), (std::vector<queue::reply>{{1, "solve it"}}));
    });
}

TYPED_TEST(lane_contract, a_reply_that_came_in_between_keeps_its_number) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto held = co_await landing_task(all, "r", 0s);
        EXPECT_TRUE(co_await all.keep_reply(held.task.id, {1, "shorter"}));
        std::string state;
        try {
            co_await all.save(held, with_a_turn(held, "solve it"), false, {.begins = queue::reply{1, "solve it"}});
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, queue::reply_has_grown);
        auto now = co_await all.load(held.task.id);
        EXPECT_EQ(now->task, held.task) << "nothing was written";
        EXPECT_EQ(now->kept, (queue::reply{1, "shorter"}));
    });
}
