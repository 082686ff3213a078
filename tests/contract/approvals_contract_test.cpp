// Who agreed that what a task shows is deployed; the same tests run on PostgreSQL and on the simulator's model of it.
#include "contract/tasks_contract.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::contract;

namespace {

using people = std::vector<std::string>;

awaitable<task_id> shown(queue::tasks& all, state now = review{commit, verdict::ready}) {
    auto id = co_await all.add(of("r"));
    auto was = co_await all.load(id);
    EXPECT_TRUE(co_await all.save(*was, queue::testing::in_state(was->task, std::move(now)), true));
    co_return id;
}

awaitable<people> agreed(queue::tasks& all, task_id id) {
    co_return (co_await all.landing_record_of(id, "terminal")).approved_by;
}

} // namespace

template <class B>
struct approvals_contract : tasks_contract<B> {};
TYPED_TEST_SUITE(approvals_contract, stores, names);

TYPED_TEST(approvals_contract, each_person_agrees_once_to_the_commit_that_is_shown) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto id = co_await shown(one);
        EXPECT_TRUE(co_await one.approve(id, commit, "7", false));
        EXPECT_TRUE(co_await two.approve(id, commit, "7", true));
        EXPECT_TRUE(co_await two.approve(id, commit, "terminal", false));
        EXPECT_FALSE(co_await two.approve(id, std::string(40, 'd'), "8", false));
        EXPECT_FALSE(co_await two.approve(task_id{99}, commit, "8", false));
        EXPECT_EQ(co_await agreed(one, id), (people{"7", "terminal"}));
        EXPECT_EQ(co_await agreed(one, co_await shown(one)), people{}) << "each task has its own";
    });
}

TYPED_TEST(approvals_contract, they_end_with_what_they_are_of) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        for (state then : {state(queued{}), state(discarded{commit}), state(expired{})}) {
            auto id = co_await shown(all);
            EXPECT_TRUE(co_await all.approve(id, commit, "7", false));
            EXPECT_TRUE(co_await move_to(all, *co_await all.load(id), then));
            EXPECT_EQ(co_await agreed(all, id), people{}) << name_of(then);
            EXPECT_FALSE(co_await all.approve(id, commit, "7", false)) << name_of(then);
        }
    });
}

TYPED_TEST(approvals_contract, what_was_rolled_back_is_agreed_to_anew) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto id = co_await shown(all, rolled_back{commit});
        EXPECT_TRUE(co_await all.approve(id, commit, "7", false));
        EXPECT_EQ(co_await agreed(all, id), people{"7"});
        auto elsewhere = co_await shown(all, deployed{commit});
        EXPECT_FALSE(co_await all.approve(elsewhere, commit, "7", false));
    });
}

TYPED_TEST(approvals_contract, who_asked_is_who_gave_the_task_and_its_turns) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto id = co_await shown(all);
        EXPECT_EQ((co_await all.landing_record_of(id, "7")).asked_by, people{"terminal"});
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "and this", 8}));
        EXPECT_EQ((co_await all.landing_record_of(id, "7")).asked_by, people{"terminal"}) << "it has not begun";
        EXPECT_TRUE(
            co_await move_to(all, *co_await all.load(id), queued{}, {.begins = queue::reply{1, "and this", 8}}));
        EXPECT_EQ((co_await all.landing_record_of(id, "7")).asked_by, (people{"8", "terminal"}));
        EXPECT_EQ(co_await all.landing_record_of(task_id{99}, "7"), queue::landing_record{});
    });
}
