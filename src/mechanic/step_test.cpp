#include "mechanic/step.hpp"

#include <set>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = time_point{} + std::chrono::days(20000);
const lease mine{fence{5}, noon + 10s};
const std::string base(40, 'b'), commit(40, 'c');

task fresh() {
    task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = queued{}};
    return t;
}
task in(state s) {
    auto t = fresh();
    t.known.base = base;
    t.known.branch = "mechanic/17-mend-it";
    t.known.check = {"pytest -q", "flag"};
    t.now = std::move(s);
    return t;
}
task with_work(state s, int round = 0) {
    auto t = in(std::move(s));
    t.known.made = work{commit, {1, 2, 3}, round};
    t.known.rounds_used = round;
    return t;
}
prepared ready_tree() {
    return {.base = base, .base_branch = "main", .branch = "mechanic/17-mend-it", .check = {"pytest -q", "flag"}};
}
coded some_work(check_outcome before = check_outcome::green) {
    return {.made = {commit, {1, 2, 3}, 0}, .before = before, .said = "done"};
}
template <class Command>
const Command* has(const std::vector<command>& all) {
    for (auto& c : all)
        if (auto* x = std::get_if<Command>(&c)) return x;
    return nullptr;
}
std::vector<command> must(task& t, const event& e, time_point now = noon) {
    auto r = step(t, e, now);
    EXPECT_TRUE(r.has_value()) << (r ? "" : r.error().why);
    return r.value_or(std::vector<command>{});
}
std::string state_after(task t, const event& e, time_point now = noon) {
    must(t, e, now);
    return std::string(name_of(t.now));
}

} // namespace

TEST(step, a_task_goes_the_whole_way_with_one_repair) {
    auto t = fresh();
    EXPECT_TRUE(has<prepare>(must(t, claimed{mine}))->tree);
    EXPECT_EQ(has<run_coder>(must(t, ready_tree()))->round, 0);
    EXPECT_EQ(has<run_checks>(must(t, some_work()))->commit, commit);
    auto again = must(t, checked{check_outcome::red, "FAILED test_a"});
    EXPECT_EQ(has<run_coder>(again)->round, 1);
    EXPECT_EQ(has<run_coder>(again)->feedback, "FAILED test_a");
    must(t, some_work());
    EXPECT_EQ(has<publish>(must(t, checked{check_outcome::green}))->branch, "mechanic/17-mend-it");
    must(t, pushed{});
    EXPECT_EQ(verdict_of(t), verdict::ready);
    EXPECT_EQ(t.known.rounds_used, 1);
    EXPECT_TRUE(is_settled(t.now));
}

TEST(step, every_transition_of_the_table_exists) {
    struct row {
        task from;
        event e;
        const char* to;
    };
    auto question = in(preparing{1, mine});
    question.what.what = order::kind::question;
    auto unchecked = in(coding{1, 0, mine});
    unchecked.known.check = {};
    auto last_round = with_work(checking{1, 3, mine}, 3);
    auto publishing_now = with_work(publishing{1, commit, mine});
    publishing_now.known.decided = verdict::ready;
    auto holding = with_work(failed{verdict::secret_found, "", "x"});
    holding.known.held_back = held{standing_of(holding.known, verdict::ready), {}};
    auto foreground = in(coding{1, 0, mine});
    foreground.what.foreground = true;
    auto tried = in(coding{3, 0, mine});
    tried.known.attempts_used = 2;
    lease next{fence{6}, noon + 20s};
    std::vector<row> rows{
        {fresh(), claimed{mine}, "preparing"},
        {in(preparing{1, mine}), ready_tree(), "coding"},
        {question, ready_tree(), "answering"},
        {in(preparing{1, mine}), remote_trouble{"not_found", "x"}, "failed"},
        {in(preparing{1, mine}), remote_trouble{"network", "x"}, "waiting"},
        {in(preparing{1, mine}), world_trouble{"disk full"}, "waiting"},
        {in(coding{1, 0, mine}), some_work(), "checking"},
        {unchecked, some_work(check_outcome::not_run), "publishing"},
        {in(coding{1, 0, mine}), some_work(check_outcome::could_not_run), "checking"},
        {in(coding{1, 0, mine}), coded_nothing{}, "failed"},
        {with_work(coding{1, 1, mine}, 1), coded_nothing{}, "publishing"},
        {in(coding{1, 0, mine}), work_refused{verdict::protected_path, "infra/x"}, "failed"},
        {in(coding{1, 0, mine}), coder_timed_out{.sentence = "x"}, "failed"},
        {in(coding{1, 0, mine}), over_disk{"x"}, "failed"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::key, "x"}, "waiting"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::credit, "x"}, "waiting"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::day_budget, "x"}, "waiting"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::task_budget, "x"}, "waiting"},
        {in(preparing{1, mine}), model_failed{model_trouble::paused, "x"}, "waiting"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::rate, "x"}, "waiting"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::network, "x"}, "waiting"},
        {tried, model_failed{model_trouble::network, "x"}, "parked"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::policy, "x"}, "failed"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::model, "x"}, "failed"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::context, "x"}, "failed"},
        {in(coding{1, 0, mine}), model_failed{model_trouble::nonsense, "x"}, "failed"},
        {foreground, model_failed{model_trouble::key, "x"}, "failed"},
        {foreground, model_failed{model_trouble::network, "x"}, "failed"},
        {with_work(checking{1, 0, mine}), checked{check_outcome::green}, "publishing"},
        {with_work(checking{1, 0, mine}), checked{check_outcome::not_run}, "publishing"},
        {with_work(checking{1, 0, mine}), checked{check_outcome::could_not_run}, "publishing"},
        {with_work(checking{1, 0, mine}), checked{check_outcome::red}, "coding"},
        {last_round, checked{check_outcome::red}, "publishing"},
        {with_work(checking{1, 0, mine}), world_trouble{"x"}, "waiting"},
        {with_work(checking{1, 0, mine}), over_disk{"x"}, "failed"},
        {publishing_now, pushed{}, "review"},
        {publishing_now, leaks_found{}, "failed"},
        {holding, push_allowed{commit}, "queued"},
        {publishing_now, remote_trouble{"moved", "x"}, "parked"},
        {publishing_now, remote_trouble{"no_push", "x"}, "failed"},
        {publishing_now, remote_trouble{"network", "x"}, "waiting"},
        {publishing_now, world_trouble{"x"}, "waiting"},
        {in(answering{1, mine}), answer_given{"so"}, "answered"},
        {in(answering{1, mine}), model_failed{model_trouble::model, "x"}, "failed"},
        {in(answering{1, mine}), coder_timed_out{.idle = true, .sentence = "x"}, "failed"},
        {in(answering{1, mine}), over_disk{"x"}, "failed"},
        {in(answering{1, mine}), world_trouble{"x"}, "waiting"},
        {in(waiting{wait_reason::key, noon, noon + 24h}), wait_over{}, "queued"},
        {in(waiting{wait_reason::key, noon, noon}), wait_over{}, "failed"},
        {in(review{commit, verdict::ready}), review_over{}, "expired"},
        {in(review{commit, verdict::ready}), replied{1, "and now"}, "queued"},
        {in(failed{verdict::no_change}), replied{1, "and now"}, "queued"},
        {in(aborted{}), replied{1, "and now"}, "queued"},
        {in(parked{}), replied{1, "and now"}, "queued"},
        {in(expired{}), replied{1, "and now"}, "queued"},
        {in(answered{}), replied{1, "and now"}, "queued"},
        {in(preparing{1, mine}), remote_trouble{"moved", "x"}, "parked"},
        {in(preparing{1, mine}), handed_back{}, "queued"},
        {in(coding{1, 0, mine}), handed_back{}, "queued"},
        {in(checking{1, 0, mine}), handed_back{}, "queued"},
        {publishing_now, handed_back{}, "queued"},
        {in(answering{1, mine}), handed_back{}, "queued"},
        {in(preparing{1, mine}), claimed{next}, "preparing"},
        {in(coding{1, 0, mine}), claimed{next}, "preparing"},
        {in(checking{1, 0, mine}), claimed{next}, "preparing"},
        {in(publishing{1, commit, mine}), claimed{next}, "preparing"},
        {in(answering{1, mine}), claimed{next}, "preparing"},
    };
    for (auto& r : rows) {
        SCOPED_TRACE(std::string(name_of(r.from.now)) + " + event " + std::to_string(r.e.index()));
        EXPECT_EQ(state_after(r.from, r.e), r.to);
    }
    std::set<std::size_t> events;
    for (auto& r : rows)
        events.insert(r.e.index());
    EXPECT_EQ(events.size(), std::variant_size_v<event> - 11) << "abort, discards and landings have tests of their own";
}

TEST(step, abort_ends_everything_that_has_not_ended) {
    std::vector<state> open{
        queued{},           preparing{1, mine}, coding{1, 0, mine}, checking{1, 0, mine}, publishing{1, commit, mine},
        answering{1, mine}, waiting{}};
    for (auto& s : open)
        EXPECT_EQ(state_after(in(s), abort_wished{}), "aborted") << name_of(s);
    for (state s : {state(failed{}), state(aborted{}), state(parked{}), state(expired{}), state(discarded{})}) {
        auto t = in(s);
        EXPECT_FALSE(step(t, abort_wished{}, noon).has_value());
        EXPECT_EQ(t, in(s));
    }
}

TEST(step, an_event_without_meaning_changes_nothing) {
    auto t = in(review{commit, verdict::ready});
    auto was = t;
    EXPECT_FALSE(step(t, pushed{}, noon).has_value());
    EXPECT_FALSE(step(t, claimed{mine}, noon).has_value());
    EXPECT_EQ(t, was);
}

TEST(step, a_claim_of_a_task_of_which_nothing_is_known_changes_its_state_alone) {
    auto change = fresh(), question = fresh();
    question.what.what = order::kind::question;
    for (auto* t : {&change, &question}) {
        EXPECT_TRUE(has<prepare>(must(*t, claimed{mine}))->tree);
        EXPECT_EQ(std::get<preparing>(t->now), (preparing{1, mine}));
        EXPECT_EQ(t->known, facts{}) << "the queue writes it without having read the task";
    }
}

TEST(step, a_claim_with_an_older_fence_is_refused) {
    auto t = in(coding{1, 0, mine});
    EXPECT_FALSE(step(t, claimed{lease{fence{5}, noon}}, noon).has_value());
}

TEST(step, a_crash_uses_an_attempt_up_and_the_third_parks) {
    auto t = fresh();
    must(t, claimed{lease{fence{1}, noon}});
    must(t, claimed{lease{fence{2}, noon}});
    must(t, claimed{lease{fence{3}, noon}});
    EXPECT_EQ(std::get<preparing>(t.now).attempt, 3);
    auto last = must(t, claimed{lease{fence{4}, noon}});
    EXPECT_EQ(name_of(t.now), "parked");
    EXPECT_TRUE(has<tell>(last));
}

TEST(step, work_that_was_done_is_not_done_again_after_a_crash) {
    auto t = with_work(checking{1, 1, mine}, 1);
    must(t, claimed{lease{fence{6}, noon}});
    auto e = ready_tree();
    e.has_work = true;
    e.base = std::string(40, 'd');
    auto next = must(t, e);
    ASSERT_TRUE(has<run_checks>(next));
    EXPECT_EQ(has<run_checks>(next)->commit, commit);
    EXPECT_EQ(t.known.base, base) << "the work stands on the base it was made on, though the remote moved";
}

TEST(step, a_verdict_that_was_reached_goes_straight_to_the_push_after_a_crash) {
    auto t = with_work(publishing{1, commit, mine});
    t.known.decided = verdict::tests_red;
    EXPECT_FALSE(has<prepare>(must(t, claimed{lease{fence{6}, noon}}))->tree);
    auto e = ready_tree();
    e.has_work = true;
    EXPECT_TRUE(has<publish>(must(t, e)));
}

TEST(step, work_lost_with_its_disk_is_done_again_on_the_newest_base) {
    auto t = with_work(publishing{1, commit, mine});
    t.known.decided = verdict::ready;
    must(t, claimed{lease{fence{6}, noon}});
    auto e = ready_tree();
    e.base = std::string(40, 'd');
    EXPECT_TRUE(has<run_coder>(must(t, e)));
    EXPECT_EQ(t.known.base, e.base);
    EXPECT_FALSE(t.known.decided);
}

TEST(step, a_crash_in_a_repair_round_goes_on_with_that_round) {
    auto t = with_work(coding{1, 2, mine}, 2);
    t.known.feedback = "FAILED test_b";
    must(t, claimed{lease{fence{6}, noon}});
    auto e = ready_tree();
    e.has_work = true;
    auto next = must(t, e);
    ASSERT_TRUE(has<run_coder>(next));
    EXPECT_EQ(has<run_coder>(next)->round, 2);
    EXPECT_EQ(has<run_coder>(next)->feedback, "FAILED test_b");
}

TEST(step, a_red_result_keeps_what_the_last_checks_said) {
    auto last = with_work(checking{1, 3, mine}, 3);
    must(last, checked{check_outcome::red, "FAILED test_z"});
    EXPECT_EQ(last.known.decided, verdict::tests_red);
    EXPECT_EQ(last.known.feedback, "FAILED test_z");

    auto idle = with_work(coding{1, 1, mine}, 1);
    idle.known.feedback = "FAILED test_a";
    must(idle, coded_nothing{});
    EXPECT_EQ(idle.known.decided, verdict::tests_red);

    for (auto* t : {&last, &idle}) {
        auto said = t->known.feedback;
        must(*t, claimed{lease{fence{6}, noon}}); // after a crash
        auto e = ready_tree();
        e.has_work = true;
        EXPECT_TRUE(has<publish>(must(*t, e))) << "what is kept asks for no repair";
        must(*t, pushed{});
        EXPECT_EQ(verdict_of(*t), verdict::tests_red);
        EXPECT_EQ(t->known.feedback, said);
    }
    EXPECT_EQ(idle.known.feedback, "FAILED test_a");
}

TEST(step, a_green_result_keeps_no_word_of_the_red_one_before) {
    auto t = with_work(checking{1, 0, mine});
    must(t, checked{check_outcome::red, "FAILED test_a"});
    must(t, some_work());
    must(t, checked{check_outcome::green});
    EXPECT_EQ(t.known.feedback, "");
}

TEST(step, missing_tools_cost_no_repair_round) {
    auto t = with_work(checking{1, 0, mine});
    EXPECT_FALSE(has<run_coder>(must(t, checked{check_outcome::could_not_run, "", "`pytest` is not installed"})));
    EXPECT_EQ(t.known.rounds_used, 0);
    EXPECT_EQ(t.known.decided, verdict::checks_could_not_run);
}

TEST(step, what_was_done_before_the_deadline_is_kept) {
    auto t = in(coding{1, 0, mine});
    must(t, coder_timed_out{.sentence = "too slow", .made = work{commit, {1, 2, 3}, 0}});
    EXPECT_EQ(verdict_of(t), verdict::timed_out);
    EXPECT_EQ(t.known.made->commit, commit);
}

TEST(step, in_the_foreground_only_what_may_pass_is_tried_again) {
    auto t = in(coding{1, 0, mine});
    t.what.foreground = true;
    EXPECT_EQ(state_after(t, world_trouble{"the disk is full"}), "failed");
    EXPECT_EQ(state_after(t, world_trouble{.sentence = "the agent was killed", .may_pass = true}), "waiting");
    t.known.attempts_used = 2;
    EXPECT_EQ(state_after(t, world_trouble{.sentence = "the agent was killed", .may_pass = true}), "failed");
}

TEST(step, attempts_have_pauses_between_them_that_grow) {
    for (auto [used, pause] : {std::pair(0, 2s), std::pair(1, 4s), std::pair(3, 16s)}) {
        auto t = in(coding{used + 1, 0, mine});
        t.what.attempts = 9;
        t.known.attempts_used = used;
        must(t, world_trouble{.sentence = "the agent was killed", .may_pass = true});
        EXPECT_EQ(std::get<waiting>(t.now).until, noon + pause) << used;
    }
}

TEST(step, retry_after_is_obeyed) {
    auto t = in(coding{1, 0, mine});
    must(t, model_failed{model_trouble::rate, "busy", 90s});
    EXPECT_EQ(std::get<waiting>(t.now).until, noon + 90s);
}

TEST(step, a_worker_that_leaves_gives_the_task_back_without_an_attempt) {
    auto publishing_now = with_work(publishing{1, commit, mine}, 1);
    publishing_now.known.decided = verdict::ready;
    for (auto& from : {in(preparing{1, mine}), in(coding{1, 0, mine}), with_work(checking{1, 1, mine}, 1),
                       in(answering{1, mine}), publishing_now}) {
        auto t = from;
        auto known = t.known;
        EXPECT_TRUE(has<clean_up>(must(t, handed_back{})));
        EXPECT_EQ(state_after(t, claimed{{fence{6}, noon + 20s}}), "preparing");
        EXPECT_EQ(t.known, known);
    }
    EXPECT_FALSE(step(publishing_now = in(review{commit, verdict::ready}), handed_back{}, noon));
}

TEST(step, the_person_is_told_once_of_a_cause_that_stays) {
    auto t = in(coding{1, 0, mine});
    model_failed no_key{model_trouble::key, "no key"};
    EXPECT_TRUE(has<tell>(must(t, no_key)));
    t.now = coding{1, 0, mine};
    EXPECT_FALSE(has<tell>(must(t, no_key)));
    t.now = coding{1, 0, mine};
    EXPECT_TRUE(has<tell>(must(t, model_failed{model_trouble::credit, "no credit"})));
    t.now = coding{1, 0, mine};
    must(t, some_work());
    t.now = coding{1, 1, mine};
    EXPECT_TRUE(has<tell>(must(t, no_key)));
}

TEST(step, a_task_is_not_started_before_its_time) {
    auto t = fresh();
    t.now = queued{noon + 1s};
    EXPECT_FALSE(step(t, claimed{mine}, noon).has_value());
}

TEST(step, every_end_cleans_up_and_tells) {
    auto t = in(coding{1, 0, mine});
    auto c = must(t, coded_nothing{});
    EXPECT_TRUE(has<clean_up>(c));
    EXPECT_TRUE(has<tell>(c));
}

TEST(step, something_is_told_when_the_agent_says_nothing) {
    auto silent = in(answering{1, mine});
    EXPECT_EQ(has<tell>(must(silent, answer_given{}))->text, "answered");
    auto mute = in(coding{1, 0, mine});
    EXPECT_EQ(has<tell>(must(mute, world_trouble{}))->text, "waiting");
}

TEST(step, what_keeps_checks_from_running_that_ran_before_is_the_change) {
    for (auto before : {check_outcome::green, check_outcome::red, check_outcome::timed_out}) {
        auto t = with_work(checking{1, 0, mine});
        t.known.before = before;
        EXPECT_TRUE(has<run_coder>(must(t, checked{check_outcome::could_not_run, "code 127", "not installed"})));
        EXPECT_EQ(t.known.feedback + t.known.could_not_run, "code 127");
        EXPECT_EQ(t.known.after, check_outcome::red);
    }
}

TEST(step, checks_that_do_not_end_in_their_time_are_red_for_the_coder) {
    auto t = with_work(checking{1, 0, mine});
    EXPECT_TRUE(has<run_coder>(must(t, checked{check_outcome::timed_out, "was stopped", ""})));
    EXPECT_EQ(t.known.after, check_outcome::timed_out);
}
