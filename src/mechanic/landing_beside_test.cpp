#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;
using namespace std::chrono_literals;

namespace {

const std::string front(40, '1'), other_front(40, '2');

/// Approved, and claimed while another landing has the lane.
task asking() {
    auto t = in_review();
    must(t, approved{commit, false, "1"});
    must(t, claimed{mine});
    return t;
}
/// It is tried on top of what is in front.
task beside() {
    auto t = asking();
    EXPECT_TRUE(has<replay>(must(t, lane_answered{false, front})));
    return t;
}
task checking_beside() {
    auto t = beside();
    auto check = has<check_landing>(must(t, replayed{.onto = front, .commit = anew}));
    EXPECT_TRUE(check && check->commit == anew);
    return t;
}
/// Green there, and in the queue until its turn.
task ready_beside(check_outcome how = check_outcome::green) {
    auto t = checking_beside();
    EXPECT_TRUE(has<take_lane>(must(t, checked{how}))) << "its turn may have come meanwhile";
    must(t, lane_answered{false, front});
    EXPECT_EQ(t.now, state(queued{noon + limits::lane_look_every}));
    return t;
}
void turn_comes(task& t) {
    must(t, claimed{next}, noon + 5s);
    EXPECT_TRUE(has<replay>(must(t, lane_answered{true}, noon + 5s)));
    EXPECT_FALSE(t.known.lands->beside);
}
/// The landing in front is pushing it.
task joined() {
    auto t = ready_beside();
    t.known.lands->in_doubt = true; // as landing_join() does
    t.known.lands->joined = task_id{3};
    return t;
}
std::vector<command> told_by_the_front(task& t, front_outcome what, time_point now = noon + 1min) {
    t.known.lands->front = std::move(what); // as landing_front() does
    std::get<queued>(t.now).not_before = now;
    return must(t, claimed{next}, now);
}

} // namespace

TEST(beside, without_anything_in_front_it_waits) {
    auto t = asking();
    EXPECT_TRUE(has<clean_up>(must(t, lane_answered{false})));
    EXPECT_EQ(t.now, state(queued{noon + limits::lane_look_every}));
    EXPECT_FALSE(t.known.lands->beside);
}

TEST(beside, what_was_green_on_top_of_the_one_in_front_is_pushed_when_that_has_landed) {
    auto t = ready_beside();
    turn_comes(t);
    auto push = has<land>(must(t, replayed{.onto = front, .commit = anew}));
    ASSERT_TRUE(push) << "it was checked already";
    EXPECT_EQ(push->commit, anew);
    EXPECT_EQ(push->expected, front);
    EXPECT_TRUE(t.known.lands->in_doubt);
}

TEST(beside, on_top_of_anything_else_it_is_checked_anew) {
    auto t = ready_beside();
    turn_comes(t);
    EXPECT_TRUE(has<check_landing>(must(t, replayed{.onto = tip, .commit = other_front})));
    EXPECT_EQ(t.known.lands->after, check_outcome::not_run);
    auto same_ground = ready_beside(); // the same ground, and another commit: of other settings
    turn_comes(same_ground);
    EXPECT_TRUE(has<check_landing>(must(same_ground, replayed{.onto = front, .commit = other_front})));
}

TEST(beside, red_ends_nothing_before_its_turn_and_is_not_run_again_then) {
    auto t = ready_beside(check_outcome::red);
    EXPECT_TRUE(t.known.lands);
    turn_comes(t);
    auto told = has<tell>(must(t, replayed{.onto = front, .commit = anew}));
    ASSERT_TRUE(told);
    EXPECT_EQ(told->text, "On what main holds now (1111111111) the checks are not green. Nothing was deployed.");
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));

    auto without_it = ready_beside(check_outcome::red); // the red one in front did not come through
    turn_comes(without_it);
    EXPECT_TRUE(has<check_landing>(must(without_it, replayed{.onto = tip, .commit = other_front})));
}

TEST(beside, checks_that_said_nothing_are_run_when_its_turn_comes) {
    for (auto how : {check_outcome::timed_out, check_outcome::could_not_run, check_outcome::not_run}) {
        auto t = ready_beside(how);
        turn_comes(t);
        EXPECT_TRUE(has<check_landing>(must(t, replayed{.onto = front, .commit = anew}))) << to_string(how);
    }
}

TEST(beside, is_tried_once_on_top_of_each_that_is_in_front) {
    auto t = ready_beside();
    must(t, claimed{next}, noon + 5s);
    must(t, lane_answered{false, front}, noon + 5s);
    EXPECT_TRUE(std::holds_alternative<queued>(t.now)) << "nothing has changed";
    must(t, claimed{{fence{7}, noon + 1h}}, noon + 10s);
    EXPECT_TRUE(has<replay>(must(t, lane_answered{false, other_front}, noon + 10s)));
    EXPECT_TRUE(has<check_landing>(must(t, replayed{.onto = other_front, .commit = tip}, noon + 10s)));
}

TEST(beside, a_conflict_with_the_one_in_front_ends_nothing) {
    for (const auto& e : {replayed{.onto = front, .commit = "", .conflicts = {"a"}},
                          replayed{.onto = front, .commit = front}, replayed{.onto = front, .commit = ""}}) {
        auto t = beside();
        EXPECT_TRUE(has<take_lane>(must(t, e)));
        EXPECT_EQ(t.known.lands->made, "") << "nobody is to be tried on top of it";
        must(t, lane_answered{false, front});
        turn_comes(t);
        EXPECT_TRUE(has<check_landing>(must(t, replayed{.onto = tip, .commit = anew})));
    }
}

TEST(beside, trouble_is_found_when_its_turn_comes) {
    for (const event& e : std::vector<event>{remote_trouble{"network", "away"}, remote_trouble{"no_read", "x"},
                                             remote_trouble{"moved", "x"}, over_disk{"full"}}) {
        auto t = checking_beside();
        EXPECT_TRUE(has<take_lane>(must(t, e))) << e.index();
        must(t, lane_answered{false, front});
        EXPECT_TRUE(t.known.lands) << e.index();
        EXPECT_FALSE(t.known.lands->in_doubt);
        EXPECT_EQ(t.known.lands->looks, 0);
    }
    auto t = checking_beside();
    EXPECT_FALSE(step(t, pushed{}, noon)) << "it pushes nothing";
}

TEST(beside, gives_its_place_away_and_begins_again_later) {
    auto t = checking_beside();
    EXPECT_TRUE(has<clean_up>(must(t, handed_back{})));
    EXPECT_EQ(t.now, state(queued{noon + limits::lane_look_every})) << "not at once: its place is wanted";
    must(t, claimed{next}, noon + 5s);
    EXPECT_TRUE(has<replay>(must(t, lane_answered{false, front}, noon + 5s)));
}

TEST(beside, is_begun_again_after_a_crash) {
    auto t = checking_beside();
    EXPECT_TRUE(has<take_lane>(must(t, claimed{next}, noon + 11s)));
    EXPECT_EQ(t.known.attempts_used, 1);
    EXPECT_TRUE(has<replay>(must(t, lane_answered{false, front}, noon + 11s)));
}

TEST(beside, is_stopped_at_once_for_nothing_of_it_was_pushed) {
    for (auto& t : std::vector{beside(), checking_beside(), ready_beside()}) {
        auto told = has<tell>(must(t, abort_wished{}));
        ASSERT_TRUE(told);
        EXPECT_EQ(told->text, "Stopped; nothing was pushed.");
        EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    }
}

TEST(beside, nothing_is_made_anew_of_what_may_have_been_pushed) {
    auto t = pushing();
    must(t, claimed{next}, noon + 11s);
    must(t, lane_answered{false, front}, noon + 11s);
    EXPECT_TRUE(std::holds_alternative<queued>(t.now));
    EXPECT_EQ(t.known.lands->made, commit);
    auto emergency = landed_task();
    must(emergency, roll_back_wished{commit, true, "1"});
    must(emergency, claimed{next});
    must(emergency, lane_answered{false, front});
    EXPECT_TRUE(std::holds_alternative<queued>(emergency.now)) << "it needs no checks";
}

TEST(beside, what_was_checked_before_a_crash_is_not_checked_again) {
    auto t = checking_anew();
    must(t, checked{check_outcome::green});
    must(t, claimed{next}, noon + 11s);
    must(t, lane_answered{true}, noon + 11s);
    EXPECT_TRUE(has<land>(must(t, replayed{.onto = tip, .commit = anew}, noon + 11s)));
}

TEST(together, the_one_that_pushes_looks_at_the_last_commit) {
    auto t = pushing();
    auto look = has<watch>(must(t, pushed{.tip = anew, .with = {task_id{18}, task_id{19}}}));
    ASSERT_TRUE(look);
    EXPECT_EQ(look->commit, anew);
    EXPECT_EQ(t.known.lands->with, (std::vector{task_id{18}, task_id{19}}));
    must(t, watched{fit});
    EXPECT_EQ(t.known.on_base, (landed{commit, base})) << "its own is still its own";
}

TEST(together, the_others_have_the_same_end) {
    for (const auto& seen : {std::optional<health>(), std::optional(fit), std::optional(ill)}) {
        auto t = joined();
        auto told = has<tell>(told_by_the_front(t, {seen}));
        ASSERT_TRUE(told);
        EXPECT_TRUE(told->text.starts_with("Deployed: main is at ffffffffff; before it was at 1111111111."))
            << told->text;
        EXPECT_EQ(t.known.on_base, (landed{anew, front}));
        EXPECT_EQ(t.known.seen, seen);
        EXPECT_EQ(t.now, state(deployed{anew}));
    }
}

TEST(together, what_is_not_healthy_is_taken_back_whole_and_each_is_told) {
    auto t = joined();
    EXPECT_TRUE(told_by_the_front(t, {ill, true}).empty()) << "it is told when it is back";
    ASSERT_TRUE(t.known.lands);
    EXPECT_EQ(t.known.lands->what, landing::kind::roll_back);
    EXPECT_EQ(t.known.lands->commit, anew);
    must(t, claimed{{fence{7}, noon + 1h}}, noon + 1min);
    must(t, lane_answered{true}, noon + 1min);
    EXPECT_TRUE(has<land>(must(t, replayed{.onto = tip, .commit = other_front}, noon + 1min))) << "without checks";
    auto told = has<tell>(must(t, pushed{}, noon + 1min));
    ASSERT_TRUE(told) << "the last one of them is looked at, not this one";
    EXPECT_EQ(told->text,
              "Rolled back: main is at 2222222222, which takes ffffffffff back. It was not seen healthy: It "
              "answers 502. What it deployed was not healthy: It answers 502.");
}

TEST(together, a_person_who_stops_it_meanwhile_is_told_what_came_of_it) {
    auto t = joined();
    EXPECT_FALSE(has<tell>(must(t, abort_wished{})));
    EXPECT_EQ(t.now, state(queued{noon + limits::push_settles}));
    auto unpushed = t;
    EXPECT_TRUE(has<tell>(told_by_the_front(t, {fit}))->text.starts_with("Deployed: "));
    must(unpushed, claimed{next}, noon + limits::push_settles);
    must(unpushed, lane_answered{true}, noon + limits::push_settles);
    EXPECT_EQ(has<tell>(must(unpushed, replayed{.onto = tip, .commit = ""}))->text, "Stopped; nothing was pushed.");
}

TEST(together, whoever_is_not_told_finds_out_when_its_turn_comes) {
    auto there = joined();
    turn_comes(there);
    EXPECT_TRUE(has<watch>(must(there, replayed{.onto = tip, .commit = "", .there = anew})));
    EXPECT_EQ(there.known.lands->there, (landed{anew, front}));
    auto absent = joined();
    must(absent, claimed{next}, noon + 5s);
    must(absent, lane_answered{false, other_front}, noon + 5s);
    EXPECT_EQ(absent.known.lands->made, anew) << "what may be there stays known";
    must(absent, claimed{{fence{7}, noon + 1h}}, noon + 10s);
    must(absent, lane_answered{true}, noon + 10s);
    EXPECT_TRUE(has<land>(must(absent, replayed{.onto = front, .commit = anew}, noon + 10s)));
    EXPECT_FALSE(absent.known.lands->joined);
}

TEST(beside, trouble_of_the_machine_uses_up_no_attempt_and_its_turn_finds_out) {
    auto t = beside();
    EXPECT_TRUE(has<take_lane>(must(t, world_trouble{.sentence = "the disk is full"})));
    EXPECT_EQ(t.known.attempts_used, 0);
    EXPECT_FALSE(t.known.lands->beside);
    must(t, lane_answered{false, front});
    EXPECT_TRUE(std::holds_alternative<queued>(t.now)) << "it is not tried on top of the same commit again";
    must(t, claimed{next}, noon + 5s);
    must(t, lane_answered{true}, noon + 5s);
    must(t, world_trouble{.sentence = "the disk is full"}, noon + 5s);
    EXPECT_EQ(t.known.attempts_used, 1) << "in the lane it is one";
}

TEST(together, whoever_takes_over_one_that_pushed_several_knows_whom_it_brought) {
    for (bool whole : {true, false}) {
        auto t = pushing();
        t.known.lands->with = {task_id{18}, task_id{19}}; // as the database has it from before the push
        t.known.lands->tip = anew;
        must(t, claimed{next}, noon + 11s);
        must(t, lane_answered{true}, noon + 11s);
        auto look =
            has<watch>(must(t, replayed{.onto = anew, .commit = "", .there = commit, .tip_there = whole}, noon + 11s));
        ASSERT_TRUE(look);
        EXPECT_EQ(look->commit, whole ? anew : commit) << "what the branch does not have was not deployed";
        EXPECT_EQ(t.known.lands->with.size(), whole ? 2U : 0U);
    }
    auto stopped = pushing(); // and its end is stored at once, when it is found there
    stopped.known.lands->with = {task_id{18}};
    stopped.known.lands->tip = anew;
    must(stopped, abort_wished{});
    must(stopped, claimed{next}, noon + 1min);
    must(stopped, lane_answered{true}, noon + 1min);
    const replayed alone{.onto = anew, .commit = "", .there = commit};
    EXPECT_TRUE(has<replay>(must(stopped, alone, noon + 1min))) << "first its row names them no more";
    EXPECT_TRUE(stopped.known.lands->with.empty());
    EXPECT_EQ(name_of((must(stopped, alone, noon + 1min), stopped.now)), "deployed");
    auto unpushed = pushing();
    unpushed.known.lands->with = {task_id{18}};
    unpushed.known.lands->tip = anew;
    must(unpushed, claimed{next}, noon + 11s);
    must(unpushed, lane_answered{true}, noon + 11s);
    must(unpushed, replayed{.onto = base, .commit = commit}, noon + 11s);
    EXPECT_TRUE(unpushed.known.lands->with.empty() && unpushed.known.lands->tip.empty());
}
