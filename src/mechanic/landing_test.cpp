#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;
using namespace std::chrono_literals;

TEST(landing, what_was_approved_is_pushed_as_it_is_when_main_stood_still) {
    auto t = in_review();
    EXPECT_TRUE(must(t, approved{commit, false, "1"}).empty());
    EXPECT_EQ(name_of(t.now), "queued");
    EXPECT_TRUE(has<take_lane>(must(t, claimed{mine})));
    EXPECT_TRUE(has<replay>(must(t, lane_answered{true})));
    auto push = has<land>(must(t, replayed{.onto = base, .commit = commit}));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->commit, commit);
    EXPECT_EQ(push->expected, base);
    auto look = has<watch>(must(t, pushed{}));
    ASSERT_TRUE(look);
    EXPECT_EQ(look->commit, commit);
    EXPECT_EQ(has<tell>(must(t, watched{}))->text, "Deployed: main is at cccccccccc; before it was at bbbbbbbbbb.");
    EXPECT_EQ(t.now, state(deployed{commit}));
    EXPECT_EQ(t.known.on_base, (landed{commit, base}));
    EXPECT_FALSE(t.known.lands);
}

TEST(landing, every_transition_of_the_table_exists) {
    struct row {
        task from;
        event e;
        const char* to;
    };
    auto tried = replaying();
    tried.known.attempts_used = 2;
    auto moving = pushing();
    moving.known.lands->tries = limits::landing_tries - 1;
    auto waits = replaying();
    must(waits, world_trouble{"disk full"});
    auto queued_one = in_review();
    must(queued_one, approved{commit, false, "1"});
    auto withdrawn = pushing();
    must(withdrawn, abort_wished{});
    auto withdrawn_again = withdrawn;
    must(withdrawn_again, claimed{next}, noon + limits::push_settles);
    must(withdrawn_again, lane_answered{true});
    std::vector<row> rows{
        {in_review(), approved{commit, false, "1"}, "queued"},
        {in_review(verdict::tests_red), approved{commit, true, "1"}, "queued"},
        {queued_one, claimed{mine}, "deploying"},
        {queued_one, abort_wished{}, "review"},
        {replaying(), lane_answered{false}, "queued"},
        {replaying(), handed_back{}, "queued"},
        {replaying(), claimed{next}, "deploying"},
        {tried, claimed{next}, "review"},
        {replaying(), replayed{.onto = tip, .commit = anew}, "deploying"},
        {replaying(), replayed{.onto = tip, .commit = tip}, "review"},
        {replaying(), replayed{.onto = tip, .commit = "", .conflicts = {"a"}}, "review"},
        {replaying(), replayed{.onto = tip, .commit = "", .there = commit}, "deploying"},
        {replaying(), remote_trouble{"network", "x"}, "waiting"},
        {replaying(), remote_trouble{"not_found", "x"}, "review"},
        {replaying(), world_trouble{"x"}, "waiting"},
        {tried, world_trouble{"x"}, "review"},
        {replaying(), abort_wished{}, "review"},
        {waits, wait_over{}, "queued"},
        {waits, abort_wished{}, "review"},
        {checking_anew(), checked{check_outcome::green}, "deploying"},
        {checking_anew(), checked{check_outcome::red}, "review"},
        {checking_anew(verdict::tests_red), checked{check_outcome::red}, "deploying"},
        {checking_anew(), checked{check_outcome::timed_out}, "review"},
        {checking_anew(), checked{check_outcome::could_not_run}, "review"},
        {checking_anew(), over_disk{"x"}, "review"},
        {pushing(), pushed{}, "deploying"},
        {watching(), watched{}, "deployed"},
        {watching(), watched{ill, false}, "deployed"},
        {watching(), watched{ill, true}, "queued"},
        {watching(), world_trouble{"x"}, "waiting"},
        {watching(), claimed{next}, "deploying"},
        {watching(), handed_back{}, "queued"},
        {watching(), abort_wished{}, "deployed"},
        {pushing(), remote_trouble{"moved", "x"}, "deploying"},
        {moving, remote_trouble{"moved", "x"}, "review"},
        {pushing(), remote_trouble{"protected_branch", "x"}, "review"},
        {pushing(), remote_trouble{"no_push", "x"}, "review"},
        {pushing(), remote_trouble{"network", "x"}, "waiting"},
        {pushing(), abort_wished{}, "queued"},
        {withdrawn_again, replayed{.onto = tip, .commit = anew}, "review"},
        {withdrawn_again, replayed{.onto = tip, .commit = "", .there = commit}, "deployed"},
        {landed_task(), roll_back_wished{commit, false, "1"}, "queued"},
        {landed_task(), replied{1, "more"}, "queued"},
        {rolling(), lane_answered{false}, "queued"},
        {rolling(), replayed{.onto = tip, .commit = anew}, "rolling_back"},
        {rolling(), replayed{.onto = tip, .commit = tip}, "deployed"},
        {rolling(), replayed{.onto = tip, .commit = "", .conflicts = {"a"}}, "deployed"},
        {rolling(), world_trouble{"x"}, "waiting"},
        {rolling(), abort_wished{}, "deployed"},
    };
    for (auto& r : rows) {
        auto from = std::string(name_of(r.from.now));
        must(r.from, r.e);
        EXPECT_EQ(name_of(r.from.now), r.to) << from << " by event " << r.e.index() << " (" << &r - rows.data() << ")";
    }
}

// I6
TEST(landing, acts_on_the_commit_that_was_shown_and_no_other) {
    auto t = in_review();
    EXPECT_FALSE(step(t, approved{anew, false, "1"}, noon));
    EXPECT_EQ(name_of(t.now), "review");
    EXPECT_FALSE(t.known.lands);
    must(t, approved{commit, false, "1"});
    EXPECT_FALSE(step(t, approved{commit, false, "1"}, noon)); // once
    auto done = landed_task();
    EXPECT_FALSE(step(done, roll_back_wished{anew, false, "1"}, noon));
}

TEST(landing, of_a_result_that_is_not_green_needs_an_extra_word) {
    for (auto how : {verdict::ready_unchecked, verdict::tests_red, verdict::checks_could_not_run}) {
        auto t = in_review(how);
        EXPECT_FALSE(step(t, approved{commit, false, "1"}, noon)) << to_string(how);
        EXPECT_TRUE(step(t, approved{commit, true, "1"}, noon)) << to_string(how);
    }
}

TEST(landing, on_a_main_that_moved_is_checked_again_and_then_pushed_there) {
    auto t = replaying();
    EXPECT_EQ(has<check_landing>(must(t, replayed{.onto = tip, .commit = anew}))->commit, anew);
    auto push = has<land>(must(t, checked{check_outcome::green}));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->commit, anew);
    EXPECT_EQ(push->expected, tip);
    must(t, pushed{});
    must(t, watched{});
    EXPECT_EQ(t.known.on_base, (landed{anew, tip}));
    EXPECT_EQ(t.known.made->commit, commit); // the branch has what it had
}

TEST(landing, that_reads_otherwise_on_main_is_shown_again) {
    auto t = replaying();
    must(t, replayed{.onto = tip, .commit = anew, .same_text = false, .size = {2, 3, 4}});
    auto push = has<publish>(must(t, checked{check_outcome::green}));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->commit, anew);
    EXPECT_EQ(push->branch, "mechanic/17-mend-it");
    must(t, pushed{});
    EXPECT_EQ(t.now, state(review{anew, verdict::ready}));
    EXPECT_EQ(t.known.base, tip);
    EXPECT_TRUE(sentence_of(t).starts_with("main moved meanwhile")) << sentence_of(t);
    EXPECT_FALSE(step(t, approved{commit, false, "1"}, noon)); // what was approved before is not this
    must(t, approved{anew, false, "1"});
    EXPECT_EQ(t.known.not_landed, "");
}

TEST(landing, red_on_main_leaves_the_result_as_it_was) {
    auto t = checking_anew();
    auto said = has<tell>(must(t, checked{check_outcome::red}));
    ASSERT_TRUE(said);
    EXPECT_EQ(said->text, "On what main holds now (eeeeeeeeee) the checks are not green. Nothing was deployed.");
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    EXPECT_FALSE(t.known.lands);
}

TEST(landing, names_what_both_sides_changed) {
    auto t = replaying();
    must(t, replayed{.onto = tip, .commit = "", .conflicts = {"a", "b", "c", "d", "e"}});
    EXPECT_TRUE(sentence_of(t).starts_with("main changed the same lines meanwhile: `a`, `b`, `c` and 2 more."))
        << sentence_of(t);
}

TEST(landing, begins_with_the_lane_again_for_another_worker) {
    auto t = pushing();
    EXPECT_TRUE(has<take_lane>(must(t, claimed{next})));
    EXPECT_EQ(t.known.attempts_used, 1);
    must(t, lane_answered{true});
    must(t, replayed{.onto = commit, .commit = "", .there = commit}); // the dead one had pushed
    must(t, watched{});
    EXPECT_EQ(t.known.on_base, (landed{commit, base}));
}

TEST(landing, writes_of_one_lease_are_told_apart) {
    auto t = in_review();
    must(t, approved{commit, false, "1"});
    must(t, claimed{mine});
    std::vector<std::optional<int>> seen{sequence_of(t.now)};
    for (const event& e : std::vector<event>{lane_answered{true}, replayed{.onto = tip, .commit = anew},
                                             checked{check_outcome::green}, remote_trouble{"moved", "x"},
                                             replayed{.onto = tip, .commit = anew}, checked{check_outcome::green}}) {
        must(t, e);
        EXPECT_GT(sequence_of(t.now), seen.back());
        seen.push_back(sequence_of(t.now));
    }
}

TEST(landing, nobody_waits_for_a_terminal_that_died) {
    auto t = in_review();
    t.what.foreground = true;
    must(t, approved{commit, false, "terminal"});
    EXPECT_FALSE(t.what.foreground);
}

TEST(landing, a_rollback_is_checked_and_pushed_as_a_deploy_is) {
    auto t = rolling();
    must(t, replayed{.onto = tip, .commit = anew, .same_text = false});
    EXPECT_TRUE(has<land>(must(t, checked{check_outcome::green})));
    EXPECT_TRUE(has<watch>(must(t, pushed{})));
    EXPECT_EQ(has<tell>(must(t, watched{}))->text, "Rolled back: main is at ffffffffff, which takes cccccccccc back.");
    EXPECT_EQ(t.now, state(rolled_back{anew}));
}

TEST(landing, a_rollback_of_what_mended_the_checks_may_be_red_as_they_were) {
    for (auto before : {check_outcome::red, check_outcome::green})
        for (int turns : {0, 1}) {
            auto t = rolling();
            t.known.turn = turns;
            t.known.base_checks = before;
            t.known.stands->before = check_outcome::green; // of the newest turn
            must(t, replayed{.onto = tip, .commit = anew});
            EXPECT_EQ(has<land>(must(t, checked{check_outcome::red})).has_value(), before == check_outcome::red);
        }
}

TEST(landing, a_rollback_of_a_first_turn_that_an_earlier_version_stored_may_be_red_as_before) {
    for (int turns : {0, 1}) {
        auto t = rolling();
        t.known.turn = turns;
        t.known.stands->before = check_outcome::red;
        must(t, replayed{.onto = tip, .commit = anew});
        EXPECT_EQ(has<land>(must(t, checked{check_outcome::red})).has_value(), turns == 0);
    }
}

TEST(landing, a_rollback_with_the_extra_word_skips_the_checks) {
    auto t = landed_task();
    must(t, roll_back_wished{commit, true, "1"});
    must(t, claimed{next});
    must(t, lane_answered{true});
    EXPECT_TRUE(has<land>(must(t, replayed{.onto = tip, .commit = anew})));
}

TEST(landing, a_reply_after_it_begins_on_what_main_is_by_then) {
    auto t = landed_task();
    must(t, replied{1, "and more"});
    EXPECT_EQ(t.known, (facts{.turn = 1, .asked = "and more"}));
}

TEST(landing, what_an_approval_found_there_already_is_deployed_as_it_is) {
    auto t = replaying();
    must(t, replayed{.onto = tip, .commit = "", .there = commit}); // a person had merged the branch
    must(t, watched{});
    EXPECT_EQ(t.now, state(deployed{commit}));
    EXPECT_EQ(t.known.on_base, (landed{commit, base})); // a rollback takes all of the branch back
}

TEST(landing, without_checks_in_the_repository_is_pushed_where_it_reads_the_same) {
    auto t = in_review(verdict::ready_unchecked);
    t.known.check = {};
    must(t, approved{commit, true, "1"});
    must(t, claimed{mine});
    must(t, lane_answered{true});
    auto otherwise = t;
    must(t, replayed{.onto = tip, .commit = anew}); // main may have checks by now
    EXPECT_TRUE(has<land>(must(t, checked{check_outcome::not_run})));
    must(otherwise, replayed{.onto = tip, .commit = anew, .same_text = false});
    EXPECT_TRUE(has<publish>(must(otherwise, checked{check_outcome::not_run})));
    must(otherwise, pushed{});
    EXPECT_EQ(otherwise.now, state(review{anew, verdict::ready_unchecked}));
}

TEST(landing, that_was_approved_though_red_is_shown_again_as_what_it_is_there) {
    for (auto [how, is] :
         {std::pair(check_outcome::red, verdict::tests_red), std::pair(check_outcome::timed_out, verdict::tests_red),
          std::pair(check_outcome::could_not_run, verdict::checks_could_not_run),
          std::pair(check_outcome::green, verdict::ready)}) {
        auto t = replaying(verdict::tests_red);
        must(t, replayed{.onto = tip, .commit = anew, .same_text = false});
        must(t, checked{how});
        must(t, pushed{});
        EXPECT_EQ(t.now, state(review{anew, is}));
    }
}

TEST(landing, after_a_setback_is_of_the_result_that_stands) {
    auto t = in_review();
    t.known.came_to_nothing = setback{verdict::no_change, "", "The agent changed nothing."};
    must(t, approved{commit, false, "1"});
    must(t, claimed{mine});
    must(t, abort_wished{});
    EXPECT_EQ(verdict_of(t), verdict::ready);
    EXPECT_TRUE(sentence_of(t).starts_with("Stopped; nothing was pushed.")) << sentence_of(t);
}

TEST(landing, that_has_ended_is_aborted_by_nobody) {
    for (auto s : std::vector<state>{deployed{commit}, rolled_back{anew}}) {
        auto t = in_review();
        t.now = s;
        EXPECT_TRUE(is_final(s));
        EXPECT_FALSE(step(t, abort_wished{}, noon)) << name_of(s);
        EXPECT_FALSE(step(t, approved{commit, true, "1"}, noon)) << name_of(s); // neither is it what took it back
    }
}

TEST(landing, that_passed_checks_which_main_names_no_more_is_not_landed_unseen) {
    auto t = checking_anew();
    EXPECT_EQ(has<tell>(must(t, checked{check_outcome::not_run}))->text,
              "What main holds now (eeeeeeeeee) names no checks. Nothing was deployed.");
    auto back = rolling();
    must(back, replayed{.onto = tip, .commit = anew});
    EXPECT_TRUE(has<land>(must(back, checked{check_outcome::not_run})));
}
