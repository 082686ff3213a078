#pragma once
#include "contract/tasks_contract.hpp"

// Landings of one repository, as the tests about those beside the lane have them.
namespace persais::contract {

using namespace mechanic;
using namespace std::chrono_literals;
using queue::snapshot;

inline std::string id_of(char letter) {
    return std::string(40, letter);
}

/// A landing of the repository "r" under way, as `change` has it; `asked`: so many seconds after the others.
inline awaitable<snapshot> landing_of(queue::tasks& all, int asked, std::function<void(landing&)> change = {},
                                      state to = deploying{1, 0, commit, {}}) {
    auto was = co_await all.load(co_await all.add(of("r")));
    auto next = queue::testing::in_state(was->task, std::move(to));
    next.known.lands->asked = time_point(1'700'000'000s) + std::chrono::seconds(asked);
    if (change) change(*next.known.lands);
    EXPECT_TRUE(co_await all.save(*was, next, true));
    co_return *co_await all.load(was->task.id);
}

/// Tried, and given back to the queue until its turn.
inline awaitable<snapshot> waiting_of(queue::tasks& all, int asked, std::string onto, std::string made,
                                      std::function<void(landing&)> change = {}) {
    auto held = co_await landing_of(all, asked, [&](landing& l) {
        l.ahead = l.onto = std::move(onto);
        l.made = std::move(made);
        l.after = check_outcome::green;
        if (change) change(l);
    });
    auto next = held.task;
    next.now = queued{held.read_at + 5s};
    EXPECT_TRUE(co_await all.save(held, next, false));
    co_return *co_await all.load(held.task.id);
}

/// It has the lane and is about to push `made`.
inline awaitable<snapshot> pushing_of(queue::tasks& all, std::string made) {
    auto front = co_await landing_of(all, 0, [&](landing& l) {
        l.step = landing_step::push;
        l.onto = id_of('0');
        l.made = std::move(made);
        l.after = check_outcome::green;
        l.in_doubt = true;
    });
    EXPECT_TRUE((co_await all.take_lane(front.task.id, front.at)).taken);
    co_return front;
}

inline awaitable<std::string> ahead_of(queue::tasks& all, const snapshot& held) {
    auto lane = co_await all.take_lane(held.task.id, held.at);
    EXPECT_FALSE(lane.taken);
    co_return lane.ahead;
}

inline awaitable<std::string> joined_by(queue::tasks& all, const snapshot& front) {
    std::string made;
    for (const auto& each : co_await all.join_landings(front.task.id, front.at))
        made += each.made.substr(0, 1);
    co_return made;
}

inline awaitable<landing> lands_of(queue::tasks& all, const snapshot& of) {
    co_return (co_await all.load(of.task.id))->task.known.lands.value_or(landing{});
}

/// The end of the one in front, or its next step.
inline awaitable<void> ends(queue::tasks& all, const snapshot& front, state now, std::function<void(facts&)> change) {
    auto next = front.task;
    next.now = std::move(now);
    change(next.known);
    EXPECT_TRUE(co_await all.save(front, next, false));
}

} // namespace persais::contract
