#include "contract/tasks_contract.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::contract;
using namespace std::chrono_literals;
using queue::snapshot;
using queue::tasks;

TYPED_TEST_SUITE(tasks_contract, stores, names);

TYPED_TEST(tasks_contract, every_state_comes_back_as_it_was_stored) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto noon = time_point(std::chrono::microseconds(1'700'000'000'123'456));
        std::vector<state> states{queued{noon},
                                  preparing{2, {}},
                                  coding{1, 2, {}},
                                  checking{1, 0, {}},
                                  publishing{1, commit, {}},
                                  review{commit, verdict::tests_red},
                                  waiting{wait_reason::credit, noon, noon + 24h},
                                  failed{verdict::no_change, "", "The agent changed nothing."},
                                  aborted{},
                                  parked{"look at it"},
                                  expired{},
                                  deploying{2, 7, commit, {}},
                                  deployed{commit},
                                  rolling_back{1, 0, commit, {}},
                                  rolled_back{commit},
                                  discarded{commit}};
        for (auto& s : states) {
            auto was = co_await all.load(co_await all.add(of("r")));
            auto next = queue::testing::in_state(was->task, s);
            next.known.feedback = "x";
            next.known.seconds.coding = 0.1 + 0.2;
            next.known.made = work{commit, {1, 2, 3}, 1};
            next.known.decided = verdict::ready;
            EXPECT_TRUE(co_await all.save(*was, next, true, {.conversation = "[1]"})) << name_of(s);
            auto back = co_await all.load(was->task.id);
            EXPECT_EQ(back->task.known, next.known);
            EXPECT_EQ(back->task.what, next.what);
            EXPECT_EQ(back->conversation, "[1]");
            EXPECT_EQ(back->at.value, 1);
            if (auto* held = lease_of(back->task.now)) {
                EXPECT_EQ(name_of(back->task.now), name_of(s));
                EXPECT_EQ(held->held, back->at);
                EXPECT_GT(held->until, back->read_at + ttl - 5s);
                EXPECT_LE(held->until, back->read_at + ttl);
            } else {
                EXPECT_EQ(back->task.now, s) << name_of(s);
            }
        }
    });
}

TYPED_TEST(tasks_contract, an_illegal_state_is_not_stored) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        const std::string other(40, 'd');
        struct wrong {
            state now;
            std::string check; // the constraint that refuses it
            bool question = false, decided = true;
        };
        std::vector<wrong> each{{preparing{0, {}}, "tasks_attempt_check"},
                                {preparing{4, {}}, "attempt_within_limit"},
                                {coding{1, -1, {}}, "tasks_round_check"},
                                {coding{1, 4, {}}, "round_within_limit"},
                                {checking{4, 3, {}}, "attempt_within_limit"},
                                {publishing{1, "abc", {}}, "tasks_commit_id_check"},
                                {publishing{1, commit, {}}, "publishing_is_decided", false, false},
                                {publishing{4, commit, {}}, "attempt_within_limit"},
                                {review{commit, verdict::no_change}, "verdict_of_review"},
                                {review{other, verdict::ready}, "review_is_of_what_was_made"},
                                {deploying{1, 0, commit, {}}, "landing_is_asked_for"},
                                {rolling_back{1, 0, commit, {}}, "landing_is_asked_for"},
                                {deployed{commit}, "deployed_is_on_base"},
                                {rolled_back{commit}, "questions_push_nothing", true},
                                {discarded{"x"}, "tasks_commit_id_check"},
                                {discarded{commit}, "questions_push_nothing", true},
                                {failed{verdict::ready, "", "x"}, "verdict_of_failed"},
                                {failed{verdict::aborted, "", "x"}, "verdict_of_failed"},
                                {answering{1, {}}, "answers_only_questions"},
                                {answered{}, "answers_only_questions"},
                                {answering{4, {}}, "attempt_within_limit", true},
                                {coding{1, 0, {}}, "questions_push_nothing", true},
                                {publishing{1, commit, {}}, "questions_push_nothing", true},
                                {review{commit, verdict::ready}, "questions_push_nothing", true}};
        for (auto& w : each) {
            auto order = of("r");
            order.what = w.question ? order::kind::question : order::kind::change;
            auto was = co_await all.load(co_await all.add(order));
            auto next = was->task;
            next.now = w.now;
            next.known.made = work{commit, {}, 0};
            if (w.decided) next.known.decided = verdict::ready;
            auto said = co_await refusal(all.save(*was, next, true, {.outbox = {"x"}}));
            EXPECT_TRUE(said.starts_with("23514 ") && said.find(w.check) != said.npos) << w.check << ": " << said;
            EXPECT_EQ((co_await all.load(was->task.id))->task, was->task);
            EXPECT_EQ(co_await on.told(was->task.id), lines{});
        }
    });
}

TYPED_TEST(tasks_contract, a_task_may_reach_its_limits) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        for (auto& s : std::vector<state>{preparing{3, {}}, coding{3, 3, {}}, checking{3, 3, {}}}) {
            auto was = co_await all.load(co_await all.add(of("r")));
            EXPECT_TRUE(co_await all.save(*was, queue::testing::in_state(was->task, s), true)) << name_of(s);
        }
    });
}

TYPED_TEST(tasks_contract, a_stale_fence_writes_nothing_at_all) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto id = co_await one.add(of("r"));
        auto held = co_await claim(one);
        co_await on.pass(ttl + 1s);
        auto other = co_await claim(two);
        EXPECT_EQ(other->at.value, held->at.value + 1);
        EXPECT_FALSE(co_await move_to(one, *held, aborted{}, {.outbox = {"aborted"}, .conversation = "[1]"}));
        EXPECT_FALSE((co_await one.renew(id, held->at)).held);
        co_await one.note(id, held->at, {{.text = "too late"}});
        EXPECT_EQ(co_await on.told(id), lines{});
        EXPECT_EQ(co_await on.events(id), (lines{"state preparing", "state preparing"}));
        EXPECT_EQ((co_await one.load(id))->conversation, "[]");
        EXPECT_TRUE((co_await two.renew(id, other->at)).held);
    });
}

TYPED_TEST(tasks_contract, of_two_that_saw_the_same_one_gets_it) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        co_await one.add(of("r"));
        auto a = co_await one.claimable(), b = co_await two.claimable();
        auto next = a->task;
        EXPECT_TRUE(step(next, claimed{next_lease(*a)}, a->read_at).has_value());
        EXPECT_TRUE(co_await one.save(*a, next, true));
        EXPECT_FALSE(co_await two.save(*b, next, true));
        EXPECT_FALSE(co_await one.save(*a, next, true));
        EXPECT_FALSE((co_await two.claimable()).has_value());
    });
}

TYPED_TEST(tasks_contract, a_lease_holds_for_its_time_and_is_held_on_by_renewing) {
    this->with([](bench& on) -> awaitable<void> {
        auto &one = on.process(0), &two = on.process(1);
        auto id = co_await one.add(of("r"));
        auto held = co_await claim(one);
        co_await on.pass(ttl - 2s);
        EXPECT_FALSE((co_await two.claimable()).has_value());
        auto seen = co_await two.load(id);
        auto next = seen->task;
        EXPECT_TRUE(step(next, claimed{next_lease(*seen)}, seen->read_at).has_value());
        EXPECT_FALSE(co_await two.save(*seen, next, true)) << "over a live lease";
        EXPECT_TRUE((co_await one.renew(id, held->at)).held);
        co_await on.pass(ttl - 2s);
        EXPECT_FALSE((co_await two.claimable(id)).has_value());
        co_await on.pass(3s);
        EXPECT_TRUE((co_await two.claimable(id)).has_value());
        EXPECT_TRUE((co_await one.renew(id, held->at)).held) << "late, but nobody took it";
        EXPECT_FALSE((co_await two.claimable()).has_value());
        EXPECT_TRUE(co_await move_to(one, *held, aborted{}));
        EXPECT_FALSE((co_await one.renew(id, held->at)).held);
    });
}

TYPED_TEST(tasks_contract, foreground_tasks_are_left_to_their_person) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto mine = co_await all.add(of("r", true));
        EXPECT_FALSE((co_await all.claimable()).has_value());
        EXPECT_FALSE((co_await all.next_due()).due.has_value());
        EXPECT_EQ((co_await all.next_due()).queued, 0);
        EXPECT_TRUE((co_await claim(all, mine)).has_value());
        co_await on.pass(ttl + 1s);
        EXPECT_FALSE((co_await all.claimable()).has_value());
        EXPECT_TRUE((co_await all.claimable(mine)).has_value());
        EXPECT_FALSE((co_await all.claimable(task_id{99})).has_value());
    });
}

namespace {

awaitable<std::string> served(tasks& all, int times, bool keep) {
    std::string order;
    for (int i = 0; i < times; ++i) {
        auto held = co_await claim(all);
        if (!held) break;
        order += held->task.what.remote;
        if (!keep) EXPECT_TRUE(co_await move_to(all, *held, aborted{}));
    }
    co_return order;
}

} // namespace

TYPED_TEST(tasks_contract, repositories_take_turns) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        for (const char* remote : {"a", "a", "a", "a", "a", "b", "b", "c"})
            co_await all.add(of(remote));
        EXPECT_EQ(co_await served(all, 9, false), "abcabaaa");
    });
}

TYPED_TEST(tasks_contract, the_repository_with_the_fewest_under_way_comes_first) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        for (int i = 0; i < 3; ++i)
            co_await all.add(of("a"));
        EXPECT_EQ(co_await served(all, 2, true), "aa");
        co_await all.add(of("b"));
        co_await all.add(of("b"));
        EXPECT_EQ(co_await served(all, 9, true), "bba");
    });
}

TYPED_TEST(tasks_contract, the_dead_come_before_the_waiting_and_those_before_the_queue) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        co_await all.add(of("a"));
        auto dead = co_await claim(all);
        co_await all.add(of("b"));
        auto waits = co_await claim(all);
        auto until = waits->read_at + 5s;
        EXPECT_TRUE(co_await move_to(all, *waits, waiting{wait_reason::key, until, until + 24h}));
        auto fresh = co_await all.add(of("c"));
        EXPECT_EQ((co_await all.claimable())->task.id, fresh);
        co_await on.pass(6s);
        EXPECT_EQ((co_await all.claimable())->task.id, waits->task.id);
        co_await on.pass(5s);
        EXPECT_EQ((co_await all.claimable())->task.id, dead->task.id);
    });
}

TYPED_TEST(tasks_contract, says_when_something_falls_due) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        EXPECT_FALSE((co_await all.next_due()).due.has_value());
        auto id = co_await all.add(of("r"));
        EXPECT_EQ((co_await all.next_due()).due, 0ms);
        EXPECT_EQ((co_await all.next_due()).queued, 1);
        auto held = co_await claim(all);
        EXPECT_FALSE((co_await all.claimable()).has_value());
        auto due = (co_await all.next_due()).due.value_or(0ms);
        EXPECT_GT(due, 5s);
        EXPECT_LE(due, ttl);
        EXPECT_EQ((co_await all.next_due()).queued, 0);
        EXPECT_TRUE(co_await move_to(all, *held, waiting{wait_reason::key, held->read_at + 1h, held->read_at + 24h}));
        EXPECT_GT((co_await all.next_due()).due.value_or(0ms), 59min);
        EXPECT_EQ(co_await all.wake({wait_reason::credit}), 0);
        EXPECT_FALSE((co_await all.claimable()).has_value());
        EXPECT_EQ(co_await all.wake({wait_reason::credit, wait_reason::key}), 1);
        EXPECT_EQ((co_await all.next_due()).due, 0ms);
        EXPECT_EQ((co_await all.claimable())->task.id, id);
    });
}

TYPED_TEST(tasks_contract, a_wish_to_abort_stays_until_the_task_has_ended) {
    this->with([](bench& on) -> awaitable<void> {
        auto &all = on.process(0), &person = on.process(1);
        auto id = co_await all.add(of("r"));
        EXPECT_FALSE(co_await person.wish_abort(id)) << "nobody holds it";
        auto held = co_await claim(all);
        EXPECT_FALSE((co_await all.renew(id, held->at)).abort_wished);
        EXPECT_TRUE(co_await person.wish_abort(id));
        EXPECT_TRUE((co_await all.renew(id, held->at)).abort_wished);
        EXPECT_TRUE(co_await move_to(all, *held, coding{1, 0, {}}));
        EXPECT_EQ(co_await all.abort_wished_of({id, task_id{99}}), std::vector{id});
        co_await on.pass(ttl + 1s);
        EXPECT_FALSE(co_await person.wish_abort(id)) << "nobody lives who could hear it";
        auto next = co_await claim(all);
        EXPECT_TRUE((co_await all.renew(id, next->at)).abort_wished) << "not lost with a worker";
        EXPECT_TRUE(co_await move_to(all, *next, aborted{}));
        EXPECT_TRUE((co_await all.abort_wished_of({id})).empty());
    });
}

TYPED_TEST(tasks_contract, a_task_that_is_to_be_aborted_does_not_wait) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        for (bool wished : {true, false}) {
            auto id = co_await all.add(of("r"));
            auto held = co_await claim(all, id);
            EXPECT_FALSE(held->abort_wished);
            EXPECT_EQ(held->owner, all.owner());
            if (wished) EXPECT_TRUE(co_await all.wish_abort(id));
            auto until = held->read_at + 1h;
            EXPECT_TRUE(co_await move_to(all, *held, waiting{wait_reason::key, until, until + 24h}));
            auto rests = co_await all.load(id);
            EXPECT_EQ(rests->abort_wished, wished) << "the worker that heard it is gone";
            EXPECT_EQ(rests->owner, "");
            EXPECT_EQ((co_await all.claimable(id)).has_value(), wished);
            if (wished) EXPECT_TRUE(co_await move_to(all, *rests, aborted{}));
        }
    });
}

TYPED_TEST(tasks_contract, results_that_nobody_decided_on_are_known) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        std::vector<task_id> ids;
        for (int i = 0; i < 2; ++i) {
            co_await all.add(of("r"));
            auto held = co_await claim(all);
            EXPECT_TRUE(co_await move_to(all, *held, review{commit, verdict::ready}));
            ids.push_back(held->task.id);
            co_await on.pass(100s);
        }
        auto now = (co_await all.load(ids[0]))->read_at;
        EXPECT_TRUE((co_await all.reviews_before(now - 250s)).empty());
        EXPECT_EQ(co_await all.reviews_before(now - 150s), std::vector{ids[0]});
        EXPECT_EQ(co_await all.reviews_before(now - 50s), ids);
    });
}

TYPED_TEST(tasks_contract, a_row_that_cannot_be_read_is_set_aside) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto broken = co_await all.add(of("r")), next = co_await all.add(of("r"));
        co_await on.make_unreadable(broken);
        std::optional<task_id> told;
        try {
            co_await all.claimable();
        } catch (const queue::unusable_row& e) {
            told = e.id;
        }
        EXPECT_EQ(told, broken);
        co_await all.set_aside(broken, 3600s);
        EXPECT_EQ((co_await all.claimable())->task.id, next);
    });
}

TYPED_TEST(tasks_contract, what_is_told_and_what_happened_stand_in_order) {
    this->with([](bench& on) -> awaitable<void> {
        auto& all = on.process(0);
        auto id = co_await all.add(of("r"));
        auto held = co_await claim(all);
        std::vector<tasks::line> said{{.text = "one"}, {tasks::line::kind::log, "two"}};
        all.gather(id, held->at, [&] { return std::exchange(said, {}); });
        EXPECT_TRUE(co_await move_to(all, *held, coding{1, 0, {}}));
        said = {{.text = "three"}};
        co_await all.write_gathered(id, held->at);
        held = co_await all.load(id);
        EXPECT_TRUE(co_await move_to(all, *held, failed{verdict::no_change, "", "x"}, {.outbox = {"a", "b \"c\"\n"}}));
        all.gather_no_more(id, held->at);
        EXPECT_EQ(co_await on.events(id), (lines{"state preparing", "progress one", "log two", "state coding",
                                                 "progress three", "state failed"}));
        EXPECT_EQ(co_await on.told(id), (lines{"a", "b \"c\"\n"}));
    });
}

// --- answers that are lost ---
