#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;
using namespace std::chrono_literals;

TEST(landing, that_was_withdrawn_in_doubt_is_only_looked_at_and_stopped_once) {
    auto t = pushing();
    EXPECT_TRUE(obeys_abort(t));
    must(t, abort_wished{});
    EXPECT_FALSE(obeys_abort(t));
    EXPECT_FALSE(step(t, abort_wished{}, noon));
    EXPECT_FALSE(step(t, claimed{next}, noon)) << "the remote may still be at it";
    must(t, claimed{next}, noon + limits::push_settles);
    must(t, lane_answered{true});
    auto found = t;
    must(t, replayed{.onto = base, .commit = base});
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    EXPECT_TRUE(obeys_abort(t));
    must(found, replayed{.onto = commit, .commit = "", .there = commit});
    EXPECT_EQ(found.now, state(deployed{commit}));
}

// A worker that had lost its lease pushed its own commit, which differs by its signature.
TEST(landing, that_another_worker_pushed_with_its_own_signature_is_that_ones) {
    const std::string twin(40, '8');
    auto t = checking_anew();
    must(t, checked{check_outcome::green});
    must(t, remote_trouble{"moved", "the branch moved"});
    must(t, replayed{.onto = twin, .commit = "", .there = twin});
    must(t, watched{health{false, "It answers 502."}, true});
    EXPECT_EQ(name_of(t.now), "queued") << "what is not well and is ours is taken back";
    EXPECT_EQ(t.known.on_base, (landed{twin, tip}));
    auto as_shown = checking_anew();
    must(as_shown, checked{check_outcome::green});
    must(as_shown, remote_trouble{"moved", "the branch moved"});
    must(as_shown, replayed{.onto = commit, .commit = "", .there = commit}); // a person merged what was shown
    must(as_shown, watched{health{false, "It answers 502."}, true});
    EXPECT_EQ(as_shown.known.on_base, (landed{commit, base}));
    EXPECT_EQ(name_of(as_shown.now), "deployed");
}

TEST(landing, that_finds_the_branch_moved_is_in_doubt_until_somebody_has_looked) {
    auto t = checking_anew();
    must(t, checked{check_outcome::green});
    must(t, remote_trouble{"moved", "the branch moved"}); // perhaps by an earlier push of its own, which came late
    EXPECT_TRUE(t.known.lands->in_doubt);
    auto stopped = t;
    EXPECT_FALSE(has<tell>(must(stopped, abort_wished{}))) << "nobody knows yet whether it was pushed";
    must(t, replayed{.onto = std::string(40, '7'), .commit = anew});
    EXPECT_FALSE(t.known.lands->in_doubt);
}

// Whatever stops a worker between its push and the answer, nothing is said of it before somebody has looked.
TEST(landing, that_is_in_doubt_ends_with_a_look_and_not_with_its_attempts) {
    auto lost = pushing();
    lost.known.attempts_used = lost.what.attempts - 1;
    must(lost, remote_trouble{"network", "the answer was lost"});
    EXPECT_EQ(name_of(lost.now), "waiting");
    must(lost, wait_over{}, noon + 10min);
    must(lost, claimed{next}, noon + 10min);
    EXPECT_EQ(attempt_of(lost.now), lost.what.attempts);

    auto dead = pushing();
    dead.known.attempts_used = dead.what.attempts - 1;
    EXPECT_TRUE(has<take_lane>(must(dead, claimed{next})));
    must(dead, lane_answered{true});
    must(dead, remote_trouble{"no_read", "the token was taken back"});
    EXPECT_EQ(name_of(dead.now), "waiting");
    EXPECT_TRUE(dead.known.lands->in_doubt);
    must(dead, wait_over{}, noon + 10min);
    must(dead, claimed{lease{fence{7}, noon + 20min}}, noon + 10min);
    must(dead, lane_answered{true});
    must(dead, replayed{.onto = commit, .commit = "", .there = commit});
    must(dead, watched{});
    EXPECT_EQ(dead.now, state(deployed{commit}));
}

TEST(landing, that_nobody_could_look_at_is_told_as_unknown) {
    auto t = pushing();
    auto at = noon;
    auto fence_now = 5L;
    for (int i = 0; std::holds_alternative<deploying>(t.now); ++i) {
        ASSERT_LE(i, limits::landing_looks);
        must(t, remote_trouble{"network", "It does not answer."}, at);
        at += 10min;
        if (!std::holds_alternative<waiting>(t.now)) break;
        must(t, wait_over{}, at);
        must(t, claimed{lease{fence{++fence_now}, at + 10s}}, at);
        must(t, lane_answered{true}, at);
    }
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    EXPECT_TRUE(t.known.landing_unknown);
    EXPECT_TRUE(sentence_of(t).starts_with("It is not known whether main has it: look at the branch."))
        << sentence_of(t);
    must(t, approved{commit, false, "1"}, at);
    EXPECT_FALSE(t.known.landing_unknown);
}

TEST(landing, waits_for_a_remote_that_is_away_and_uses_up_no_attempt) {
    for (task (*begin)() : {+[] { return replaying(); }, +[] { return rolling(); }, +[] { return landing_again(); }}) {
        auto t = begin();
        auto before = t.known.lands->what;
        auto at = noon;
        auto fence_now = 10L;
        int told = 0, looks = 0;
        while (!is_settled(t.now)) {
            ASSERT_LE(++looks, limits::landing_looks + 1);
            auto all = must(t, remote_trouble{"network", "It does not answer."}, at);
            told += has<tell>(all).has_value();
            at += 10min;
            if (!std::holds_alternative<waiting>(t.now)) break;
            EXPECT_EQ(t.known.attempts_used, 0);
            must(t, wait_over{}, at);
            must(t, claimed{lease{fence{++fence_now}, at + 10s}}, at);
            must(t, lane_answered{true}, at);
        }
        EXPECT_EQ(looks, limits::landing_looks + 1);
        EXPECT_EQ(told, 2) << "when it began to wait, and at the end";
        EXPECT_FALSE(t.known.landing_unknown) << "nothing was pushed";
        EXPECT_EQ(name_of(t.now), before == landing::kind::deploy      ? "review"
                                  : before == landing::kind::roll_back ? "deployed"
                                                                       : "rolled_back");
        EXPECT_TRUE(t.known.not_landed == "It does not answer.") << t.known.not_landed;
    }
}
