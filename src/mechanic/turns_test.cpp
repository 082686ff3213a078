// Turns: what begins with a reply to a task that settled, and what is left when the turn comes to nothing.
#include "mechanic/step.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = time_point{} + std::chrono::days(20000);
const lease mine{fence{5}, noon + 10s};
const std::string base(40, 'b'), first(40, '1'), second(40, '2');
const std::string branch = "mechanic/17-mend-it";

prepared ground(bool has_work = false) {
    return {
        .base = base, .base_branch = "main", .branch = branch, .check = {"pytest -q", "flag"}, .has_work = has_work};
}
std::vector<command> must(task& t, const event& e, time_point now = noon) {
    auto r = step(t, e, now);
    EXPECT_TRUE(r.has_value()) << (r ? "" : r.error().why);
    return r.value_or(std::vector<command>{});
}
template <class Command>
const Command* has(const std::vector<command>& all) {
    for (auto& c : all)
        if (auto* x = std::get_if<Command>(&c)) return x;
    return nullptr;
}
coded made(const std::string& commit, check_outcome before = check_outcome::not_run) {
    return {.made = {commit, {1, 2, 3}, 0, {1, 2, 3}}, .before = before, .said = "done"};
}

/// A task whose first turn is on its branch.
task in_review() {
    task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = queued{}};
    must(t, claimed{mine});
    must(t, ground());
    must(t, made(first, check_outcome::red));
    must(t, checked{check_outcome::green});
    must(t, pushed{});
    EXPECT_EQ(name_of(t.now), "review");
    return t;
}
/// The same task while its second turn is being coded.
task in_second_turn(bool foreground = false) {
    auto t = in_review();
    must(t, replied{1, "and the tests", foreground}, noon + 1h);
    must(t, claimed{{fence{6}, noon + 2h}}, noon + 1h);
    must(t, ground());
    EXPECT_EQ(name_of(t.now), "coding");
    return t;
}
/// The result of the turns before stands, and the newest turn has the verdict `how`.
void expect_fallen_back(const task& t, verdict how, const std::string& sentence) {
    ASSERT_EQ(name_of(t.now), "review") << sentence;
    EXPECT_EQ(std::get<review>(t.now), (review{first, verdict::ready}));
    EXPECT_EQ(t.known.made->commit, first);
    EXPECT_EQ(t.known.before, check_outcome::red);
    EXPECT_EQ(t.known.after, check_outcome::green);
    EXPECT_FALSE(t.known.decided);
    EXPECT_EQ(verdict_of(t), how);
    EXPECT_EQ(sentence_of(t), sentence + " What was there before stands.");
}

} // namespace

TEST(turn, a_reply_to_a_result_makes_a_second_commit_on_the_first) {
    auto t = in_review();
    EXPECT_TRUE(must(t, replied{1, "and the tests"}, noon + 1h).empty()) << "nobody has to be told";
    EXPECT_EQ(std::get<queued>(t.now).not_before, noon + 1h);
    EXPECT_EQ(instruction_of(t), "and the tests");
    EXPECT_EQ(t.known.turn, 1);

    EXPECT_TRUE(has<prepare>(must(t, claimed{{fence{6}, noon + 2h}}, noon + 1h))->tree);
    auto begun = must(t, ground(), noon + 2h);
    EXPECT_EQ(t.known.dated, noon + 2h) << "a commit of its own date";
    EXPECT_EQ(has<run_coder>(begun)->round, 0);
    EXPECT_EQ(ground_of(t.known), first);
    EXPECT_EQ(t.known.before, check_outcome::green) << "the branch as it was, which is known";
    EXPECT_FALSE(t.known.made);

    must(t, made(second));
    must(t, checked{check_outcome::red, "FAILED"});
    EXPECT_EQ(t.known.rounds_used, 1) << "rounds are counted for each turn";
    EXPECT_EQ(ground_of(t.known), first) << "a repair is folded into the turn's commit";
    must(t, made(second));
    auto last = must(t, checked{check_outcome::green});
    EXPECT_EQ(has<publish>(last)->commit, second);
    EXPECT_EQ(has<publish>(last)->branch, branch);
    EXPECT_EQ(ground_of(t.known), first) << "the lease of the push";
    must(t, pushed{});
    EXPECT_EQ(std::get<review>(t.now).commit, second);
    EXPECT_EQ(t.known.stands->made.commit, second);
    EXPECT_EQ(t.known.base, base);
}

TEST(turn, is_judged_anew_when_its_commands_have_changed_or_could_not_run) {
    auto t = in_review();
    must(t, replied{1, "and now"});
    must(t, claimed{{fence{6}, noon}});
    auto e = ground();
    e.check = {"make test", "CHECK_COMMAND"};
    must(t, e);
    EXPECT_EQ(t.known.before, check_outcome::not_run);

    auto u = in_review();
    u.known.stands->after = check_outcome::could_not_run;
    must(u, replied{1, "and now"});
    EXPECT_EQ(u.known.before, check_outcome::not_run) << "the tool may be there now";
}

TEST(turn, is_begun_once) {
    auto t = in_review();
    must(t, replied{3, "and now"}); // turns 1 and 2 were dropped
    EXPECT_EQ(t.known.turn, 3);
    t.now = review{first, verdict::ready};
    auto was = t;
    EXPECT_FALSE(step(t, replied{3, "and now"}, noon).has_value());
    EXPECT_FALSE(step(t, replied{2, "and now"}, noon).has_value());
    EXPECT_EQ(t, was);
}

TEST(turn, is_refused_while_another_is_under_way) {
    for (state s : {state(queued{}), state(preparing{1, mine}), state(coding{1, 0, mine}), state(checking{1, 0, mine}),
                    state(publishing{1, first, mine}), state(answering{1, mine}), state(waiting{})}) {
        task t{.id = {17}, .now = s};
        EXPECT_FALSE(step(t, replied{1, "and now"}, noon).has_value()) << name_of(s);
    }
}

TEST(turn, that_comes_to_nothing_takes_nothing_away) {
    struct row {
        event e;
        verdict how;
        std::string sentence;
    };
    std::vector<row> rows{
        {coded_nothing{"no need"}, verdict::no_change, "The agent changed nothing."},
        {coded_nothing{.left_out = {"lib"}, .lfs_left_out = {"a.bin"}}, verdict::no_change,
         "The agent changed only what is in `lib`, which is a repository of its own (a submodule, or a clone inside "
         "the "
         "tree): nothing of it belongs to this repository. Give that task to the repository that it is."},
        {coded_nothing{.lfs_left_out = {"a.bin"}}, verdict::no_change,
         "The agent changed only `a.bin`, which is in LFS: git has only its pointer, and new contents are not "
         "uploaded. "
         "Put the new file into LFS yourself."},
        {work_refused{verdict::protected_path, "infra/x"}, verdict::protected_path,
         "The change touches `infra/x`, which this repository protects; nothing was pushed."},
        {model_failed{model_trouble::nonsense, "Nonsense."}, verdict::model_failed, "Nonsense."},
        {coder_timed_out{.sentence = "Too slow."}, verdict::timed_out, "Too slow."},
        {over_disk{.sentence = "Too much."}, verdict::disk_limit, "Too much."},
        {abort_wished{}, verdict::aborted, "Aborted."},
    };
    for (auto& r : rows) {
        auto t = in_second_turn();
        auto c = must(t, r.e);
        expect_fallen_back(t, r.how, r.sentence);
        EXPECT_EQ(has<tell>(c)->text, sentence_of(t));
        EXPECT_TRUE(has<clean_up>(c));
    }
    auto crashed = in_second_turn();
    for (std::int64_t f : {7, 8, 9})
        must(crashed, claimed{lease{fence{f}, noon}});
    expect_fallen_back(crashed, verdict::world_broken,
                       "This task stopped 3 times without an end; a person has to look at it.");
    auto waits = in_second_turn();
    must(waits, model_failed{model_trouble::credit, "no credit"});
    must(waits, wait_over{}, noon + 48h);
    expect_fallen_back(waits, verdict::model_failed, "Nothing changed for a day; the task was given up.");
}

TEST(turn, after_one_that_came_to_nothing_stands_on_the_same_result) {
    auto t = in_second_turn();
    must(t, coded_nothing{});
    must(t, replied{2, "really"});
    EXPECT_FALSE(t.known.came_to_nothing);
    must(t, claimed{{fence{7}, noon}});
    must(t, ground());
    EXPECT_EQ(ground_of(t.known), first);
    must(t, made(second));
    must(t, checked{check_outcome::green});
    must(t, pushed{});
    EXPECT_EQ(std::get<review>(t.now), (review{second, verdict::ready}));
    EXPECT_EQ(verdict_of(t), verdict::ready);
}

TEST(turn, that_is_in_review_again_is_put_away_by_a_second_abort) {
    auto t = in_second_turn();
    must(t, abort_wished{});
    must(t, abort_wished{});
    EXPECT_EQ(name_of(t.now), "discarded");
}

TEST(turn, whose_branch_was_moved_by_somebody_needs_a_person) {
    auto t = in_second_turn();
    t.now = preparing{1, mine};
    must(t, remote_trouble{"moved", "somebody"});
    EXPECT_EQ(name_of(t.now), "parked");
    auto f = in_second_turn(true);
    f.now = preparing{1, mine};
    must(f, remote_trouble{"moved", "somebody"});
    EXPECT_EQ(std::get<failed>(f.now), (failed{verdict::remote_failed, "moved", "somebody"}));
}

TEST(turn, without_a_result_before_begins_on_the_newest_base) {
    auto t = in_review();
    t.known = {};
    t.now = failed{verdict::no_change, "", "The agent changed nothing."};
    must(t, replied{1, "in calc.py"});
    must(t, claimed{{fence{6}, noon}});
    auto e = ground();
    e.base = std::string(40, 'd');
    must(t, e);
    EXPECT_EQ(t.known.base, e.base);
    EXPECT_EQ(ground_of(t.known), e.base);
}

TEST(turn, after_one_whose_checks_filled_the_disk_goes_on_from_what_was_done) {
    auto t = in_second_turn();
    must(t, made(second));
    must(t, over_disk{.sentence = "Too much."});
    expect_fallen_back(t, verdict::disk_limit, "Too much.");
    must(t, replied{2, "go on"});
    EXPECT_EQ(t.known.draft, second);
}

TEST(turn, after_one_that_ran_out_of_time_goes_on_from_what_was_done) {
    auto none = in_review();
    none.known = {.base = base, .made = work{second}};
    none.now = failed{verdict::timed_out, "", "Too slow."};
    must(none, replied{1, "go on"});
    EXPECT_EQ(none.known.draft, second);
    EXPECT_FALSE(none.known.made);

    auto t = in_second_turn();
    must(t, coder_timed_out{.sentence = "Too slow.", .made = work{second}});
    expect_fallen_back(t, verdict::timed_out, "Too slow.");
    must(t, replied{2, "go on"});
    EXPECT_EQ(t.known.draft, second);
    must(t, claimed{{fence{7}, noon}});
    auto lost = t;
    must(t, ground(true));
    EXPECT_EQ(t.known.draft, second);
    must(t, made(std::string(40, '3')));
    EXPECT_FALSE(t.known.draft);
    must(lost, ground(false));
    EXPECT_FALSE(lost.known.draft) << "its disk is gone";
}

TEST(turn, that_ended_while_it_pushed_is_in_doubt_until_the_next_one_has_looked) {
    for (bool stands : {false, true}) {
        auto t = in_second_turn();
        must(t, made(second));
        must(t, checked{check_outcome::red, "FAILED"});
        must(t, made(second));
        must(t, checked{check_outcome::green});
        EXPECT_EQ(name_of(t.now), "publishing");
        if (stands)
            must(t, abort_wished{});
        else
            must(t, remote_trouble{"no_push", "refused, or an earlier push was taken"});
        EXPECT_EQ(name_of(t.now), stands ? "aborted" : "failed") << "nobody knows what is on the branch";
        must(t, replied{2, "go on"});
        EXPECT_EQ(ground_of(t.known), first);
        auto early = t;
        must(early, abort_wished{});
        EXPECT_EQ(name_of(early.now), "aborted") << "still nobody does";
        must(early, replied{3, "go on"});
        must(t, claimed{{fence{8}, noon}});
        must(early, claimed{{fence{8}, noon}});
        auto e = ground();
        e.doubt_stands = stands;
        for (auto* each : {&t, &early}) {
            must(*each, e);
            EXPECT_EQ(ground_of(each->known), stands ? second : first);
            EXPECT_EQ(each->known.stands->how, verdict::ready);
            EXPECT_FALSE(each->known.in_doubt);
            must(*each, coded_nothing{});
            EXPECT_EQ(std::get<review>(each->now).commit, stands ? second : first);
        }
    }
}

TEST(turn, after_a_first_one_that_ended_while_it_pushed_takes_up_what_is_there) {
    auto t = in_review();
    t.known.stands.reset();
    t.now = publishing{1, first, mine};
    must(t, abort_wished{});
    must(t, replied{1, "go on"});
    EXPECT_FALSE(t.known.stands);
    must(t, claimed{{fence{8}, noon}});
    auto e = ground();
    e.doubt_stands = true;
    must(t, e);
    EXPECT_EQ(ground_of(t.known), first);
    EXPECT_EQ(t.known.before, check_outcome::green);
}

TEST(turn, lost_with_its_disk_is_done_again_on_what_stands) {
    auto t = in_second_turn();
    must(t, made(second));
    must(t, claimed{{fence{7}, noon}});
    EXPECT_TRUE(has<run_coder>(must(t, ground(false))));
    EXPECT_EQ(ground_of(t.known), first);
}

TEST(turn, of_a_result_from_before_there_were_turns_stands_on_it) {
    auto t = in_review();
    t.known.stands.reset();
    must(t, replied{1, "and now"});
    EXPECT_EQ(t.known.stands->made.commit, first);
    EXPECT_EQ(t.known.stands->how, verdict::ready);
}

TEST(turn, of_a_question_is_answered_too) {
    task t{.id = {17}, .what = {.what = order::kind::question, .instruction = "why?"}, .now = answered{}};
    EXPECT_EQ(sentence_of(t), "Answered.");
    must(t, replied{1, "and how?"});
    must(t, claimed{mine});
    EXPECT_TRUE(has<answer>(must(t, ground())));
    must(t, answer_given{"so"});
    EXPECT_EQ(t.known.said, "so");
    EXPECT_EQ(name_of(t.now), "answered");
}

TEST(budget, of_a_task_that_is_used_up_waits_for_a_person_alone) {
    auto t = in_second_turn();
    model_failed broke{model_trouble::task_budget, "used up"};
    EXPECT_TRUE(has<tell>(must(t, broke)));
    EXPECT_EQ(std::get<waiting>(t.now).until, noon + 24h) << "looking again would change nothing";
    must(t, wait_over{}, noon + 1h); // a person raised the budget
    EXPECT_EQ(name_of(t.now), "queued");
    t.now = coding{1, 0, mine};
    EXPECT_TRUE(has<tell>(must(t, broke))) << "used up again, it is news";
}

TEST(waiting, that_led_to_nothing_says_so_in_the_contracts_words) {
    struct row {
        wait_reason why;
        verdict how;
        const char* reason;
    };
    for (auto& r : {row{wait_reason::key, verdict::model_failed, "key"},
                    row{wait_reason::credit, verdict::model_failed, "credit"},
                    row{wait_reason::day_budget, verdict::model_failed, "budget"},
                    row{wait_reason::task_budget, verdict::model_failed, "budget"},
                    row{wait_reason::month_budget, verdict::model_failed, "budget"},
                    row{wait_reason::paused, verdict::model_failed, "paused"},
                    row{wait_reason::model_away, verdict::model_failed, "network"},
                    row{wait_reason::remote_away, verdict::remote_failed, "network"},
                    row{wait_reason::world, verdict::world_broken, ""}}) {
        task t{.id = {17}, .now = waiting{r.why, noon, noon}};
        must(t, wait_over{});
        EXPECT_EQ(verdict_of(t), r.how);
        EXPECT_EQ(reason_of(t), r.reason);
    }
}

TEST(step, a_repair_round_without_an_answer_takes_nothing_away) {
    for (auto why : {model_trouble::nonsense, model_trouble::context}) {
        task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = coding{1, 1, mine}};
        t.known.made = work{first, {1, 2, 3}, 0};
        t.known.feedback = "FAILED test_a";
        EXPECT_TRUE(has<publish>(must(t, model_failed{why, "no answer", std::nullopt})));
        EXPECT_EQ(t.known.decided, verdict::tests_red);
    }
}

TEST(turn, what_the_checks_said_of_the_base_is_kept_through_all_turns) {
    auto t = in_second_turn();
    must(t, made(second, check_outcome::green)); // of the turn before: not of the base
    EXPECT_EQ(t.known.base_checks, check_outcome::red);
    must(t, checked{check_outcome::green});
    must(t, pushed{});
    must(t, replied{2, "and the words"}, noon + 3h);
    EXPECT_EQ(t.known.base_checks, check_outcome::red);
}

TEST(turn, what_the_checks_said_of_another_base_is_forgotten) {
    task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = queued{}};
    must(t, claimed{mine});
    must(t, ground());
    must(t, made(first, check_outcome::red));
    must(t, claimed{{fence{6}, noon + 20s}});
    auto moved = ground(); // the work was lost with its disk
    moved.base = second;
    must(t, moved);
    EXPECT_EQ(t.known.base_checks, check_outcome::not_run);
}
