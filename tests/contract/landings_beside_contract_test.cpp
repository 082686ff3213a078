// Landings that wait for a repository's lane: whom they are tried on top of, and how several are pushed as one.
#include "contract/landings_beside.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::contract;
using namespace std::chrono_literals;
using queue::snapshot;

template <class B>
struct beside_contract : tasks_contract<B> {};
TYPED_TEST_SUITE(beside_contract, stores, names);

TYPED_TEST(beside_contract, each_is_tried_on_top_of_the_one_right_in_front) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        auto second = co_await landing_of(all, 1);
        EXPECT_EQ(co_await ahead_of(all, second), id_of('1'));
        EXPECT_EQ(co_await ahead_of(all, {.task = second.task, .at = fence{9}}), "") << "a stale fence";
        auto third = co_await landing_of(all, 2);
        EXPECT_EQ(co_await ahead_of(all, third), "") << "the second one has made nothing yet";
        co_await waiting_of(all, 3, id_of('1'), id_of('3'));
        auto last = co_await landing_of(all, 4);
        EXPECT_EQ(co_await ahead_of(all, last), id_of('3'));
        EXPECT_EQ(co_await ahead_of(all, second), id_of('1')) << "those behind it do not count";
    });
}

TYPED_TEST(beside_contract, what_is_being_made_is_nothing_yet) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await landing_of(all, 0, [](landing& l) {
            l.step = landing_step::replay;
            l.made = id_of('1'); // on what the branch held before
        });
        EXPECT_TRUE((co_await all.take_lane(front.task.id, front.at)).taken);
        auto second = co_await landing_of(all, 1);
        EXPECT_EQ(co_await ahead_of(all, second), "");
    });
}

TYPED_TEST(beside_contract, the_holder_of_the_lane_is_in_front_whenever_it_was_asked_for) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await landing_of(all, 9, [](landing& l) {
            l.step = landing_step::check;
            l.made = id_of('1');
        });
        EXPECT_TRUE((co_await all.take_lane(front.task.id, front.at)).taken);
        auto earlier = co_await landing_of(all, 1);
        EXPECT_EQ(co_await ahead_of(all, earlier), id_of('1'));
        auto later = co_await landing_of(all, 2);
        EXPECT_EQ(co_await ahead_of(all, later), "") << "on top of the one between, which has made nothing";
    });
}

TYPED_TEST(beside_contract, what_will_not_come_through_is_passed_over) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        co_await waiting_of(all, 1, id_of('1'), id_of('2'), [](landing& l) { l.after = check_outcome::red; });
        co_await waiting_of(all, 2, id_of('1'), id_of('2'), [](landing& l) { l.same_text = false; });
        co_await waiting_of(all, 3, id_of('1'), "", [](landing& l) { l.after = check_outcome::not_run; });
        co_await waiting_of(all, 4, id_of('1'), id_of('2'), [](landing& l) { l.in_doubt = l.withdrawn = true; });
        auto behind = co_await landing_of(all, 5);
        EXPECT_EQ(co_await ahead_of(all, behind), id_of('1'));
        co_await waiting_of(all, 4, id_of('1'), id_of('5'), [](landing& l) {
            l.after = check_outcome::red;
            l.anyway = true;
        });
        EXPECT_EQ(co_await ahead_of(all, behind), id_of('5')) << "a person wants that one anyway";
        co_await on.pass(16s);
        behind = co_await landing_of(all, 6);
        EXPECT_EQ((co_await all.take_lane(behind.task.id, behind.at)).taken, true) << "nobody carries the others on";
    });
}

TYPED_TEST(beside_contract, whoever_waits_behind_is_due_when_there_is_something_to_work_on) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await landing_of(all, 0, [](landing& l) { l.step = landing_step::replay; });
        auto second = co_await waiting_of(all, 1, "", "");
        EXPECT_FALSE(co_await all.claimable());
        co_await ends(all, front, deploying{1, 1, commit, {}}, [](facts& k) {
            k.lands->step = landing_step::check;
            k.lands->made = id_of('1');
        });
        auto due = co_await all.claimable();
        EXPECT_TRUE(due && due->task.id == second.task.id);
    });
}

TYPED_TEST(beside_contract, what_is_green_in_a_row_joins_the_push_and_is_in_doubt) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        auto second = co_await waiting_of(all, 1, id_of('1'), id_of('2'));
        co_await waiting_of(all, 2, id_of('2'), id_of('7'), [](landing& l) { l.after = check_outcome::red; });
        auto third = co_await waiting_of(all, 3, id_of('2'), id_of('3'));
        auto elsewhere = co_await waiting_of(all, 4, id_of('8'), id_of('9'));
        EXPECT_EQ(co_await joined_by(all, {.task = front.task, .at = fence{9}}), "") << "a stale fence";
        EXPECT_EQ(co_await joined_by(all, front), "23");
        EXPECT_EQ(co_await joined_by(all, front), "23") << "twice is as once";
        for (const auto& each : {second, third}) {
            auto lands = co_await lands_of(all, each);
            EXPECT_TRUE(lands.in_doubt);
            EXPECT_EQ(lands.joined, front.task.id);
            EXPECT_FALSE(co_await all.save(each, each.task, false)) << "whoever read it before, as for an abort";
        }
        EXPECT_FALSE((co_await lands_of(all, elsewhere)).in_doubt);
        co_await on.pass(6s);
        auto due = co_await all.claimable();
        EXPECT_TRUE(due && due->task.id != second.task.id && due->task.id != third.task.id);
    });
}

TYPED_TEST(beside_contract, nobody_is_woken_who_waits_for_a_push) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        co_await waiting_of(all, 1, id_of('1'), id_of('2'));
        EXPECT_EQ(co_await joined_by(all, front), "2");
        co_await waiting_of(all, 2, id_of('8'), id_of('9'), [](landing& l) { l.in_doubt = l.withdrawn = true; });
        auto other = co_await landing_of(all, 3);
        co_await ends(all, other, review{commit, verdict::ready}, [](facts& k) { k.lands.reset(); });
        EXPECT_FALSE(co_await all.claimable());
    });
}

TYPED_TEST(beside_contract, one_that_only_asks_for_its_turn_just_now_joins_too) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        auto asks = [&](bool aborted) -> awaitable<snapshot> {
            auto held = co_await landing_of(all, 1, [](landing& l) {
                l.ahead = l.onto = id_of('1');
                l.made = id_of('2');
                l.after = check_outcome::green;
            });
            if (aborted) EXPECT_TRUE(co_await all.wish_abort(held.task.id));
            co_return held;
        };
        co_await asks(true);
        EXPECT_EQ(co_await joined_by(all, front), "") << "that one is to be stopped";
        auto held = co_await asks(false);
        EXPECT_EQ(co_await joined_by(all, front), "2");
        EXPECT_FALSE((co_await all.renew(held.task.id, held.at)).held);
        EXPECT_FALSE((co_await all.take_lane(held.task.id, held.at)).taken);
        EXPECT_FALSE(co_await move_to(all, held, queued{held.read_at}));
    });
}

TYPED_TEST(beside_contract, what_may_not_be_pushed_does_not_join) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        const std::vector<std::function<void(landing&)>> not_these{
            [](landing& l) { l.after = check_outcome::not_run; },
            [](landing& l) { l.after = check_outcome::red, l.anyway = true; },
            [](landing& l) { l.same_text = false; },
            [](landing& l) { l.withdrawn = true; },
            [](landing& l) { l.in_doubt = true; },
            [](landing& l) { l.made.clear(); },
            [](landing& l) { l.what = landing::kind::roll_back; }};
        for (const auto& change : not_these)
            co_await waiting_of(all, 1, id_of('1'), id_of('2'), change);
        co_await landing_of(all, 2, [](landing& l) { // somebody works on it just now
            l.step = landing_step::check;
            l.onto = id_of('1');
            l.made = id_of('2');
            l.after = check_outcome::green;
        });
        EXPECT_EQ(co_await joined_by(all, front), "");
        co_await waiting_of(all, 3, id_of('1'), id_of('2'));
        EXPECT_EQ(co_await joined_by(all, front), "2");
    });
}

TYPED_TEST(beside_contract, what_goes_onto_another_branch_neither_joins_nor_is_built_on) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto front = co_await pushing_of(all, id_of('1'));
        auto other = co_await waiting_of(all, 1, id_of('1'), id_of('2'));
        auto next = other.task;
        next.known.base_branch = "release";
        EXPECT_TRUE(co_await all.save(other, next, false));
        EXPECT_EQ(co_await joined_by(all, front), "");
        EXPECT_EQ(co_await ahead_of(all, co_await landing_of(all, 2)), id_of('1'))
            << "not that of the other branch, which is nearer";
    });
}

TYPED_TEST(beside_contract, only_the_holder_of_the_lane_that_is_about_to_push_is_joined) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto without = co_await landing_of(all, 0, [](landing& l) {
            l.step = landing_step::push;
            l.made = id_of('1');
        });
        co_await waiting_of(all, 1, id_of('1'), id_of('2'));
        EXPECT_EQ(co_await joined_by(all, without), "") << "it has no lane";
        auto checks = co_await landing_of(all, -1, [](landing& l) {
            l.step = landing_step::check;
            l.made = id_of('1');
        });
        EXPECT_TRUE((co_await all.take_lane(checks.task.id, checks.at)).taken);
        EXPECT_EQ(co_await joined_by(all, checks), "") << "it is not about to push";
    });
}

namespace {

/// One that pushes, and two that joined it.
struct three {
    snapshot front, second, third;
};
awaitable<three> joined_three(queue::tasks& all) {
    auto front = co_await pushing_of(all, id_of('1'));
    auto second = co_await waiting_of(all, 1, id_of('1'), id_of('2'));
    auto third = co_await waiting_of(all, 2, id_of('2'), id_of('3'));
    EXPECT_EQ(co_await joined_by(all, front), "23");
    co_return three{front, second, third};
}
/// It was pushed, with these, and its deployment is looked at.
awaitable<snapshot> watches(queue::tasks& all, const snapshot& front, std::vector<task_id> with) {
    co_await ends(all, front, deploying{1, 1, commit, {}}, [&](facts& k) {
        k.lands->step = landing_step::watch;
        k.lands->in_doubt = false;
        k.lands->there = landed{id_of('1'), id_of('0')};
        k.lands->with = std::move(with);
        k.lands->tip = id_of('3');
    });
    co_return *co_await all.load(front.task.id);
}

} // namespace

TYPED_TEST(beside_contract, the_others_learn_that_it_landed_and_what_was_seen) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto [front, second, third] = co_await joined_three(all);
        front = co_await watches(all, front, {second.task.id}); // the third one's commit was not on its machine
        EXPECT_FALSE(co_await all.claimable()) << "it is not over";
        co_await ends(all, front, deployed{id_of('1')}, [&](facts& k) {
            k.lands.reset();
            k.on_base = landed{id_of('1'), id_of('0')};
            k.seen = health{true, "It answers."};
        });
        EXPECT_EQ((co_await lands_of(all, second)).front, (front_outcome{health{true, "It answers."}, false}));
        auto looks = co_await lands_of(all, third);
        EXPECT_FALSE(looks.front);
        EXPECT_TRUE(looks.in_doubt);
        auto ended = co_await claim(all);
        EXPECT_TRUE(ended && ended->task.id == second.task.id && std::holds_alternative<deployed>(ended->task.now));
        auto asks = co_await claim(all);
        EXPECT_TRUE(asks && asks->task.id == third.task.id);
        EXPECT_TRUE((co_await all.take_lane(third.task.id, asks->at)).taken);
    });
}

TYPED_TEST(beside_contract, what_is_taken_back_goes_in_reverse_order) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto [front, second, third] = co_await joined_three(all);
        front = co_await watches(all, front, {second.task.id, third.task.id});
        co_await ends(all, front, queued{front.read_at}, [&](facts& k) {
            auto asked = k.lands->asked;
            k.on_base = landed{id_of('1'), id_of('0')};
            k.lands = landing{.what = landing::kind::roll_back, .commit = id_of('1'), .anyway = true, .asked = asked};
            k.seen = health{false, "It answers 502."};
        });
        for (const auto& each : {second, third})
            EXPECT_EQ((co_await lands_of(all, each)).front, (front_outcome{health{false, "It answers 502."}, true}));
        auto asked = [&](const snapshot& of) -> awaitable<time_point> { co_return (co_await lands_of(all, of)).asked; };
        EXPECT_LT(co_await asked(third), co_await asked(second));
        EXPECT_LT(co_await asked(second), co_await asked(front));
        std::map<task_id, snapshot> held;
        for (int i = 0; i < 3; ++i)
            if (auto one = co_await claim(all)) held.insert_or_assign(one->task.id, *one);
        EXPECT_EQ(held.size(), 3U);
        for (const auto& each : {second, third})
            EXPECT_EQ((co_await lands_of(all, each)).what, landing::kind::roll_back);
        EXPECT_EQ(co_await ahead_of(all, held.at(front.task.id)), "") << "the others go first";
    });
}

TYPED_TEST(beside_contract, after_a_push_that_was_refused_each_of_the_others_looks_for_itself) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto [front, second, third] = co_await joined_three(all);
        co_await ends(all, front, deploying{1, 1, commit, {}}, [](facts& k) {
            k.lands->step = landing_step::replay; // the branch had moved
            k.lands->in_doubt = false;
        });
        for (const auto& each : {second, third}) {
            auto lands = co_await lands_of(all, each);
            EXPECT_TRUE(lands.in_doubt) << "an earlier push, of a worker that died, may have brought it";
        }
        auto due = co_await all.claimable();
        EXPECT_TRUE(due && due->task.id == second.task.id);
    });
}

TYPED_TEST(beside_contract, what_nobody_knows_of_stays_in_doubt) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto [front, second, third] = co_await joined_three(all);
        co_await ends(all, front, review{commit, verdict::ready}, [](facts& k) {
            k.lands.reset();
            k.landing_unknown = true;
        });
        for (const auto& each : {second, third})
            EXPECT_TRUE((co_await lands_of(all, each)).in_doubt);
        auto due = co_await all.claimable();
        EXPECT_TRUE(due && due->task.id == second.task.id) << "each looks for itself";
    });
    this->with([](bench& on) -> awaitable<void> { // another worker takes the push over
        auto& all = on.process(0);
        auto [front, second, third] = co_await joined_three(all);
        co_await on.pass(ttl + 1s);
        auto next = (co_await all.load(front.task.id))->task;
        next.now = deploying{2, 0, commit, {}};
        next.known.lands->step = landing_step::lane;
        EXPECT_TRUE(co_await all.save(*co_await all.load(front.task.id), next, true));
        EXPECT_TRUE((co_await lands_of(all, second)).in_doubt);
        EXPECT_EQ((co_await lands_of(all, third)).joined, front.task.id);
    });
}
