#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;
using namespace std::chrono_literals;

namespace {

const lease later{fence{8}, noon + 40s};

/// What the task was before: its result in review, or what it brought to main.
void is_as_before(const task& t, const std::string& why) {
    EXPECT_EQ(t.now, state(review{commit, verdict::ready})) << why;
    EXPECT_EQ(t.known.base, base) << why;
    EXPECT_EQ(t.known.made->commit, commit) << why;
    EXPECT_EQ(t.known.stands->made.commit, commit) << why;
    EXPECT_FALSE(t.known.lands) << why;
    EXPECT_TRUE(t.known.was.empty()) << why;
    EXPECT_NE(t.known.not_landed.find(why), std::string::npos) << t.known.not_landed;
    EXPECT_TRUE(step(*std::make_unique<task>(t), approved{commit, false, "1"}, noon)) << why;
}

task rolling_into_conflict() {
    auto t = rolling();
    must(t, conflict);
    return t;
}

} // namespace

TEST(conflict, goes_to_the_agent_as_a_turn_that_nobody_wrote) {
    auto t = replaying();
    auto done = must(t, conflict);
    EXPECT_EQ(has<tell>(done)->text,
              "main changed the same lines meanwhile: `a.py`, `b.py`. Nothing was deployed yet: the agent makes the "
              "change anew on that, and you will be asked again.");
    EXPECT_TRUE(has<clean_up>(done));
    EXPECT_EQ(t.now, state(queued{noon}));
    EXPECT_FALSE(t.known.lands) << "the lane is free meanwhile";
    EXPECT_EQ(t.known.turn, 1);
    EXPECT_TRUE(is_order_to_solve(t.known.asked));
    EXPECT_FALSE(is_order_to_solve("Solve it."));
    for (auto part : {"main has moved", "`a.py`, `b.py`", "keep the intent of both sides"})
        EXPECT_NE(t.known.asked.find(part), std::string::npos) << t.known.asked;
    EXPECT_TRUE(solves_conflict(t.known));
    EXPECT_EQ(pushed_work(t)->commit, commit) << "the branch has what was shown";
}

TEST(conflict, is_solved_on_what_main_holds_now_and_shown_again) {
    auto t = to_be_solved();
    EXPECT_TRUE(has<prepare>(must(t, claimed{later})));
    auto code = has<run_coder>(must(t, prepared{.base = tip,
                                                .base_branch = "main",
                                                .branch = t.known.branch,
                                                .check = {"pytest -q", "flag"},
                                                .check_seconds = 60}));
    ASSERT_TRUE(code);
    EXPECT_EQ(ground_of(t.known), tip);
    EXPECT_EQ(t.known.before, check_outcome::not_run) << "main's own checks are run";
    must(t, coded{.made = {anew, {1, 2, 3}, 0}, .before = check_outcome::green});
    EXPECT_EQ(t.known.base_checks, check_outcome::green);
    auto push = has<publish>(must(t, checked{check_outcome::green}));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->commit, anew);
    EXPECT_EQ(t.known.stands->made.commit, commit) << "the branch must be there still";
    auto said = has<tell>(must(t, pushed{}))->text;
    EXPECT_EQ(said,
              "main had changed the same lines, and the agent made the change anew on that: look at it again, then "
              "deploy it.");
    EXPECT_EQ(t.now, state(review{anew, verdict::ready}));
    EXPECT_EQ(t.known.base, tip);
    EXPECT_TRUE(t.known.was.empty());
    EXPECT_FALSE(step(t, approved{commit, false, "1"}, noon)) << "what was approved before is no result any more";
    must(t, approved{anew, false, "1"});
    must(t, claimed{{fence{9}, noon + 50s}});
    must(t, lane_answered{true});
    EXPECT_TRUE(has<land>(must(t, replayed{.onto = tip, .commit = anew})));
    must(t, pushed{});
    must(t, watched{});
    EXPECT_EQ(t.known.on_base, (landed{anew, tip}));
    EXPECT_FALSE(t.known.conflict_tried) << "its rollback has a try of its own";
}

TEST(conflict, is_left_to_the_person) {
    struct row {
        const char* why;
        task from;
        replayed what;
    };
    auto again = solved();
    must(again, checked{check_outcome::green});
    must(again, pushed{});
    must(again, approved{anew, false, "1"});
    must(again, claimed{{fence{9}, noon + 50s}});
    must(again, lane_answered{true});
    auto second = conflict;
    second.turn = 2;
    auto off = conflict;
    off.solve = false;
    auto reply = conflict;
    reply.turn = 0;
    for (auto& r : {row{"for the second time", again, second}, row{"by setting", replaying(), off},
                    row{"when a reply waits", replaying(), reply}}) {
        auto t = r.from;
        auto said = has<tell>(must(t, r.what))->text;
        EXPECT_EQ(said, "main changed the same lines meanwhile: `a.py`, `b.py`. Nothing was deployed; a reply lets the "
                        "agent do it anew.")
            << r.why;
        EXPECT_EQ(name_of(t.now), "review") << r.why;
        EXPECT_EQ(t.known.turn, r.from.known.turn) << r.why;
    }
    auto back = landing_again();
    EXPECT_NE(has<tell>(must(back, conflict))->text.find("Nothing was deployed; a reply"), std::string::npos);
    EXPECT_EQ(back.now, state(rolled_back{anew}));
}

TEST(conflict, has_one_try_again_after_a_reply) {
    auto t = solving();
    must(t, abort_wished{});
    EXPECT_TRUE(t.known.conflict_tried);
    must(t, replied{2, "use theirs"});
    EXPECT_FALSE(t.known.conflict_tried);
    EXPECT_EQ(t.known.base, base) << "the turn goes on from the result that stands";
    EXPECT_EQ(ground_of(t.known), commit);
}

TEST(conflict, solved_by_nobody_leaves_the_result_that_stood) {
    struct row {
        const char* why;
        task from;
        event e;
    };
    auto tried = solving();
    tried.known.attempts_used = 2;
    auto last = solved();
    last.known.rounds_used = last.what.repair_rounds;
    auto waits = solving();
    must(waits, model_failed{model_trouble::task_budget, "The budget is used up.", {}});
    for (auto& r :
         {row{"The agent changed nothing.", solving(), coded_nothing{"no"}},
          row{"`a.py`, which this repository protects", solving(), work_refused{verdict::protected_path, "a.py"}},
          row{"refused by the model", solving(), model_failed{model_trouble::policy, "refused by the model", {}}},
          row{"too slow", solving(), coder_timed_out{.sentence = "too slow", .made = work{anew, {}, 0}}},
          row{"too much disk", solving(), over_disk{"too much disk"}},
          row{"too much disk", solved(), over_disk{"too much disk"}},
          row{"The checks are red there.", last, checked{check_outcome::red, "FAILED"}},
          row{"Aborted.", to_be_solved(), abort_wished{}}, row{"Aborted.", solving(), abort_wished{}},
          row{"Aborted.", solved(), abort_wished{}}, row{"Aborted.", waits, abort_wished{}},
          row{"stopped 3 times", tried, claimed{later}}, row{"disk broke", tried, world_trouble{"disk broke"}},
          row{"what looks like a credential", pushing_what_was_solved(), leaks_found{{{"a.py", 1, "r", "R.", "x"}}}}}) {
        auto t = r.from;
        auto said = has<tell>(must(t, r.e));
        ASSERT_TRUE(said) << r.why;
        is_as_before(t, r.why);
        EXPECT_NE(said->text.find("What was there before stands, and nothing was deployed"), std::string::npos)
            << said->text;
        EXPECT_FALSE(t.known.held_back) << r.why;
        EXPECT_FALSE(t.known.draft) << r.why;
        EXPECT_EQ(instruction_of(t), "mend it") << "not what nobody asked";
        EXPECT_FALSE(retries_its_turn(t)) << "that turn cannot be repeated";
    }
    must(waits, wait_over{}, noon + 25h);
    is_as_before(waits, "Nothing changed for a day");
}

TEST(conflict, with_marks_left_is_no_result) {
    auto t = solving();
    coded marked{.made = {anew, {1, 2, 3}, 0}, .before = check_outcome::green, .unmerged = {"a.py"}};
    auto again = has<run_coder>(must(t, marked));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->round, 1);
    EXPECT_EQ(again->feedback, "Marks of conflicts are left in `a.py`.");
    auto silent = t;
    must(silent, coded_nothing{"done"});
    is_as_before(silent, "Marks of conflicts are left in `a.py`.");
    auto crashed = t; // what it said stays known
    must(crashed, claimed{{fence{9}, noon + 60s}});
    EXPECT_EQ(has<run_coder>(must(crashed, prepared{.base = tip, .has_work = true}))->round, 1);
    EXPECT_EQ(crashed.known.unmerged, std::vector<std::string>{"a.py"});
    auto whole = t;
    EXPECT_TRUE(has<run_checks>(must(whole, coded{.made = {anew, {1, 2, 3}, 1}})));
    EXPECT_TRUE(whole.known.unmerged.empty());
    must(t, marked);
    must(t, marked);
    must(t, marked);
    is_as_before(t, "Marks of conflicts are left in `a.py`.");
}

TEST(conflict, solved_where_the_checks_were_red_before_is_shown_as_red) {
    for (auto main : {check_outcome::red, check_outcome::timed_out, check_outcome::green}) {
        auto t = solving(main == check_outcome::green ? verdict::tests_red : verdict::ready);
        must(t, coded{.made = {anew, {1, 2, 3}, 0}, .before = main});
        t.known.rounds_used = t.what.repair_rounds;
        must(t, checked{check_outcome::red, "FAILED"});
        must(t, pushed{});
        EXPECT_EQ(t.now, state(review{anew, verdict::tests_red}));
        EXPECT_FALSE(step(t, approved{anew, false, "1"}, noon)) << "which wants the extra word";
    }
}

TEST(conflict, of_a_rollback_is_taken_back_by_the_agent_and_approved_as_any_result) {
    auto t = rolling();
    auto said = has<tell>(must(t, conflict))->text;
    EXPECT_NE(said.find("Later commits of main changed the same lines: `a.py`, `b.py`. Nothing was rolled back yet"),
              std::string::npos)
        << said;
    EXPECT_NE(t.known.asked.find("is to be taken back from main"), std::string::npos) << t.known.asked;
    EXPECT_FALSE(t.known.stands) << "it gets a branch of its own";
    EXPECT_TRUE(t.known.branch.empty());
    must(t, claimed{later});
    must(t, prepared{.base = tip, .base_branch = "main", .branch = "mechanic/17-2"});
    EXPECT_EQ(ground_of(t.known), tip);
    must(t, coded{.made = {anew, {1, 2, 3}, 0}});
    EXPECT_NE(has<tell>(must(t, pushed{}))->text.find("This takes back what main has"), std::string::npos);
    EXPECT_EQ(t.now, state(review{anew, verdict::ready_unchecked}));
    EXPECT_FALSE(t.known.on_base);
    must(t, approved{anew, true, "1"});
    EXPECT_EQ(t.known.lands->what, landing::kind::deploy);
}

TEST(conflict, of_a_rollback_solved_by_nobody_leaves_it_deployed) {
    for (const event& e : {event(abort_wished{}), event(claimed{later})}) {
        auto t = rolling_into_conflict();
        t.known.attempts_used = 3;
        auto said = has<tell>(must(t, e))->text;
        EXPECT_NE(said.find("Nothing was rolled back; it is left to you."), std::string::npos) << said;
        EXPECT_EQ(t.now, state(deployed{commit}));
        EXPECT_EQ(t.known.on_base, (landed{commit, base}));
        must(t, roll_back_wished{commit, false, "1"}); // again: but the agent had its try
        must(t, claimed{{fence{9}, noon + 50s}});
        must(t, lane_answered{true});
        auto second = conflict;
        second.turn = 2;
        EXPECT_NE(has<tell>(must(t, second))->text.find("Nothing was rolled back."), std::string::npos);
        EXPECT_EQ(t.now, state(deployed{commit}));
    }
}

TEST(conflict, of_what_was_taken_back_by_itself_says_why) {
    auto t = watching();
    must(t, watched{ill, true});
    must(t, claimed{next});
    must(t, lane_answered{true});
    EXPECT_EQ(
        has<tell>(must(t, conflict))->text.find("What it deployed was not healthy: It answers 502. Later commits"), 0U);
}
