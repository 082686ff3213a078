// A result that a person puts away, and takes up again; what a task's branch was last seen to be.
#include "mechanic/testing_landing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;

namespace {

const discarded away{commit};

task put_away(verdict how = verdict::ready) {
    auto t = in_review(how);
    must(t, discard_wished{commit});
    return t;
}

bool refused_by(task& t, const event& e) {
    auto before = t;
    bool no = !step(t, e, noon);
    EXPECT_EQ(t, before) << "a refusal changes nothing";
    return no;
}

/// A task whose first push is under way.
task first_push() {
    auto t = in_review();
    t.known.stands.reset();
    t.now = publishing{1, commit, mine};
    return t;
}

} // namespace

TEST(discard, puts_away_what_was_shown_and_nothing_else) {
    auto t = in_review();
    EXPECT_TRUE(refused_by(t, discard_wished{std::string(40, 'a')}));
    EXPECT_TRUE(refused_by(t, undiscard_wished{}));
    auto does = must(t, discard_wished{commit});
    EXPECT_EQ(t.now, state(away));
    EXPECT_TRUE(has<clean_up>(does));
    EXPECT_EQ(has<tell>(does)->text, "Its result was put away, and can be taken up again.");
    EXPECT_TRUE(is_final(t.now));
    EXPECT_EQ(verdict_of(t), verdict::aborted);
    EXPECT_EQ(sentence_of(t), "Its result was put away, and can be taken up again.");
    EXPECT_TRUE(refused_by(t, discard_wished{commit}));
    EXPECT_TRUE(refused_by(t, abort_wished{}));
    EXPECT_TRUE(refused_by(t, approved{commit, false, "1"})) << "what is put away is not deployed";
    EXPECT_TRUE(refused_by(t, review_over{}));
    EXPECT_TRUE(refused_by(t, claimed{mine}));
}

TEST(discard, is_what_the_abort_of_a_result_is) {
    auto t = in_review();
    must(t, abort_wished{});
    EXPECT_EQ(t.now, state(away));
}

TEST(discard, is_undone_with_the_same_commit_and_verdict) {
    for (auto how : {verdict::ready, verdict::ready_unchecked, verdict::tests_red, verdict::checks_could_not_run}) {
        auto t = put_away(how);
        auto does = must(t, undiscard_wished{});
        EXPECT_EQ(t.now, state(review{commit, how}));
        EXPECT_EQ(verdict_of(t), how);
        EXPECT_TRUE(has<tell>(does));
        must(t, approved{commit, true, "1"});
        EXPECT_EQ(name_of(t.now), "queued") << "it is as good as before";
    }
}

TEST(discard, of_a_result_that_an_earlier_version_stored_is_undone_as_well) {
    auto t = in_review(verdict::tests_red);
    t.known.stands.reset();
    must(t, discard_wished{commit});
    must(t, undiscard_wished{});
    EXPECT_EQ(t.now, state(review{commit, verdict::tests_red}));
}

TEST(discard, keeps_why_the_last_turn_came_to_nothing) {
    auto t = in_review();
    t.known.came_to_nothing = setback{verdict::no_change, "", "The agent changed nothing."};
    must(t, discard_wished{commit});
    EXPECT_EQ(verdict_of(t), verdict::aborted);
    must(t, undiscard_wished{});
    EXPECT_EQ(verdict_of(t), verdict::no_change);
}

TEST(discard, gives_up_what_was_held_back) {
    auto t = in_review();
    t.known.held_back = held{*t.known.stands, {}};
    auto does = must(t, discard_wished{commit});
    EXPECT_FALSE(t.known.held_back);
    EXPECT_TRUE(has<tell>(does)->text.ends_with("The change that was held back was not pushed."));
}

TEST(discard, does_not_end_the_conversation) {
    auto t = put_away();
    must(t, replied{1, "smaller"});
    EXPECT_EQ(name_of(t.now), "queued");
    EXPECT_EQ(t.known.stands->made.commit, commit) << "the next turn goes on from it";
    must(t, claimed{mine});
    must(t, abort_wished{});
    EXPECT_EQ(t.now, state(review{commit, verdict::ready})) << "what was there before the turn";
}

TEST(discard, is_of_nothing_else_than_a_result) {
    for (const state& s : {state(queued{}), state(aborted{}), state(failed{}), state(answered{}), state(parked{}),
                           state(expired{}), state(deployed{commit}), state(rolled_back{commit})}) {
        auto t = in_review();
        t.now = s;
        EXPECT_TRUE(refused_by(t, discard_wished{commit})) << name_of(s);
        EXPECT_TRUE(refused_by(t, undiscard_wished{})) << name_of(s);
    }
}

TEST(branch, is_ours_once_it_was_pushed_whatever_becomes_of_the_task) {
    auto t = in_review();
    EXPECT_EQ(seen_of_branch(t), branch_seen::ours);
    must(t, abort_wished{});
    EXPECT_EQ(seen_of_branch(t), branch_seen::ours);
    EXPECT_EQ(seen_of_branch({.id = {1}}), branch_seen::nothing);
}

TEST(branch, is_not_known_when_an_abort_came_between_the_push_and_its_answer) {
    auto t = first_push();
    EXPECT_EQ(seen_of_branch(t), branch_seen::unknown);
    must(t, abort_wished{});
    EXPECT_EQ(name_of(t.now), "aborted");
    EXPECT_EQ(seen_of_branch(t), branch_seen::unknown) << "it may be there, or not";
}

TEST(branch, has_nothing_when_the_remote_refused_it) {
    auto t = first_push();
    must(t, remote_trouble{"no_push", "It may not."});
    EXPECT_EQ(seen_of_branch(t), branch_seen::nothing);
}

TEST(branch, that_was_deleted_or_taken_by_somebody_is_not_ours_until_it_is_pushed_again) {
    auto t = in_review();
    must(t, replied{1, "more"});
    must(t, claimed{mine});
    must(t, remote_trouble{"moved", "The branch was deleted there."});
    EXPECT_EQ(name_of(t.now), "parked");
    EXPECT_EQ(seen_of_branch(t), branch_seen::not_ours);
    must(t, replied{2, "more"});
    EXPECT_EQ(seen_of_branch(t), branch_seen::not_ours) << "nobody looked since";
    must(t, claimed{next});
    must(t, prepared{.base = base, .base_branch = "main", .branch = t.known.branch, .has_work = true});
    EXPECT_EQ(seen_of_branch(t), branch_seen::ours) << "it was looked at, and has what it had";
}

TEST(branch, that_somebody_took_while_the_first_push_was_under_way_is_not_ours) {
    auto t = first_push();
    must(t, remote_trouble{"moved", "The branch holds work of somebody else."});
    EXPECT_EQ(seen_of_branch(t), branch_seen::not_ours);
    for (auto s : {branch_seen::nothing, branch_seen::ours, branch_seen::unknown, branch_seen::not_ours})
        EXPECT_FALSE(to_string(s).empty());
}
