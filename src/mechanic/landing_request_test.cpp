// A landing that the forge carries out by a pull request.
#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;
using namespace std::chrono_literals;

namespace {

const std::string merged(40, 'd'), page = "https://forge.example/acme/team/pull/7";

/// Its request is to be merged; main stood still.
task asking() {
    auto t = replaying();
    must(t, replayed{.onto = base, .commit = commit, .by_request = true});
    return t;
}
request_waits waits(request_need what, std::string said = "It waits for CI: build.",
                    std::chrono::microseconds most = 1h) {
    return {{what, std::move(said)}, 7, page, most};
}
/// As a worker takes it up again after its pause.
void look_again(task& t, std::int64_t under, time_point now) {
    must(t, wait_over{}, now);
    must(t, claimed{{fence{under}, now + 10s}}, now);
    must(t, lane_answered{true}, now);
}

/// It is to be in no queue any more before it ends: what is told when a worker has seen to that.
std::string left(task& t, std::int64_t under, time_point now) {
    EXPECT_EQ(name_of(t.now), "queued");
    EXPECT_TRUE(t.known.lands && t.known.lands->withdrawn && t.known.lands->in_doubt);
    must(t, claimed{{fence{under}, now + 10s}}, now);
    must(t, lane_answered{true}, now);
    auto told = has<tell>(must(t, replayed{.onto = base, .commit = base, .by_request = true}, now));
    return told ? told->text : std::string();
}
/// In the forge's queue, and looked at again.
task in_its_queue() {
    auto t = asking();
    must(t, waits(request_need::queue, "It is in the queue."));
    look_again(t, 6, noon + 10s);
    return t;
}

} // namespace

TEST(request, that_the_forge_may_merge_yet_is_taken_out_of_its_queue_before_it_ends) {
    const std::string later(40, '9');
    auto lost = in_its_queue();
    must(lost, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 10s);
    EXPECT_FALSE(has<tell>(must(lost, right_lost{"A right was taken back."}, noon + 10s)));
    EXPECT_EQ(left(lost, 7, noon + 20s), "A right was taken back.");
    EXPECT_EQ(lost.now, state(review{commit, verdict::ready}));
    EXPECT_FALSE(lost.known.came_to_nothing || lost.known.landing_unknown);

    auto red = in_its_queue();
    must(red, replayed{.onto = tip, .commit = anew, .by_request = true}, noon + 10s);
    must(red, checked{check_outcome::red}, noon + 10s);
    EXPECT_TRUE(left(red, 7, noon + 20s).contains("the checks are not green"));

    auto meets = in_its_queue();
    must(meets, conflict, noon + 10s);
    EXPECT_TRUE(meets.known.was.empty()) << "the forge would merge it under the agent's hands";
    EXPECT_TRUE(left(meets, 7, noon + 20s).starts_with("main changed the same lines meanwhile"));

    auto with_a_person = asking();
    must(with_a_person, waits(request_need::review));
    look_again(with_a_person, 6, noon + 10s);
    must(with_a_person, conflict, noon + 10s);
    EXPECT_FALSE(with_a_person.known.was.empty()) << "it stands in no queue: the agent solves it";

    auto holds = in_its_queue();
    must(holds, replayed{.onto = tip, .commit = tip, .by_request = true}, noon + 10s);
    EXPECT_TRUE(left(holds, 7, noon + 20s).contains("there was nothing to deploy"));
}

TEST(request, that_was_merged_before_it_could_be_taken_out_has_landed) {
    auto t = in_its_queue();
    must(t, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 10s);
    must(t, right_lost{"A right was taken back."}, noon + 10s);
    must(t, claimed{{fence{7}, noon + 30s}}, noon + 20s);
    must(t, lane_answered{true}, noon + 20s);
    must(t, replayed{.onto = merged, .commit = "", .there = commit, .as = landed{merged, base}}, noon + 20s);
    EXPECT_EQ(t.now, state(deployed{merged}));
    EXPECT_FALSE(t.known.came_to_nothing);
}

TEST(request, that_nobody_could_take_out_is_told_as_unknown) {
    auto t = in_its_queue();
    must(t, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 10s);
    must(t, right_lost{"A right was taken back."}, noon + 10s);
    t.known.lands->looks = limits::landing_looks;
    must(t, claimed{{fence{7}, noon + 30s}}, noon + 20s);
    must(t, lane_answered{true}, noon + 20s);
    auto told = has<tell>(must(t, remote_trouble{"network", "It is away."}, noon + 20s));
    EXPECT_EQ(told->text,
              "It is not known whether main has it: look at the branch. A right was taken back. It is away.");
    EXPECT_TRUE(t.known.landing_unknown);
}

TEST(request, that_waits_is_not_tried_beside_the_lane_when_pushes_became_the_way) {
    auto t = asking();
    must(t, waits(request_need::queue, "It is in the queue."));
    must(t, wait_over{}, noon + 10s);
    must(t, claimed{{fence{6}, noon + 20s}}, noon + 10s);
    must(t, lane_answered{false, tip}, noon + 10s);
    EXPECT_EQ(name_of(t.now), "queued") << "its turn takes it out of the queue";
    EXPECT_TRUE(t.known.lands->by_request && t.known.lands->waits_on);
    must(t, claimed{{fence{7}, noon + 40s}}, noon + 30s);
    must(t, lane_answered{true}, noon + 30s);
    auto ask = has<land>(must(t, replayed{.onto = base, .commit = commit}, noon + 30s));
    ASSERT_TRUE(ask);
    EXPECT_FALSE(ask->by_request || t.known.lands->waits_on) << "nothing of it waits at the forge any more";
}

TEST(request, is_merged_at_what_was_approved_and_lands_as_what_the_forge_made_of_it) {
    auto t = replaying();
    auto ask = has<land>(must(t, replayed{.onto = base, .commit = commit, .by_request = true}));
    ASSERT_TRUE(ask);
    EXPECT_TRUE(ask->by_request);
    EXPECT_EQ(ask->commit, commit);
    EXPECT_EQ(ask->expected, base);
    EXPECT_TRUE(t.known.lands->in_doubt) << "it may be merged from here on";
    auto look = has<watch>(must(t, pushed{.as = landed{merged, base}, .request = page}));
    ASSERT_TRUE(look);
    EXPECT_EQ(look->commit, merged);
    must(t, watched{});
    EXPECT_EQ(t.now, state(deployed{merged}));
    EXPECT_EQ(t.known.on_base, (landed{merged, base}));
    EXPECT_EQ(t.known.request, page);
}

TEST(request, an_unhealthy_merge_of_ours_goes_back_by_itself) {
    auto t = asking();
    must(t, pushed{.as = landed{merged, base}});
    must(t, watched{ill, true});
    EXPECT_EQ(name_of(t.now), "queued");
    EXPECT_EQ(t.known.lands->what, landing::kind::roll_back);
    EXPECT_EQ(t.known.lands->commit, merged);
}

TEST(request, that_waits_is_told_once_for_each_thing_and_uses_no_attempt_up) {
    auto t = asking();
    auto told = must(t, waits(request_need::checks));
    EXPECT_EQ(has<tell>(told)->text, "It waits for CI: build.");
    EXPECT_TRUE(has<clean_up>(told));
    auto* s = std::get_if<waiting>(&t.now);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->why, wait_reason::request);
    EXPECT_EQ(s->until, noon + limits::request_look_least);
    EXPECT_FALSE(t.known.lands->in_doubt) << "it was seen open";
    EXPECT_EQ(t.known.lands->request, 7);

    look_again(t, 6, noon + 4min);
    must(t, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 4min);
    auto again = must(t, waits(request_need::checks, "It waits for CI: build, 4 min."), noon + 4min);
    EXPECT_FALSE(has<tell>(again)) << "minutes that go by are no news";
    EXPECT_EQ(t.known.lands->waits_on->said, "It waits for CI: build, 4 min.");
    EXPECT_EQ(std::get<waiting>(t.now).until, noon + 4min + 24s) << "a tenth of what it waited";

    look_again(t, 7, noon + 5min);
    must(t, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 5min);
    EXPECT_EQ(has<tell>(must(t, waits(request_need::review, "It waits for a review."), noon + 5min))->text,
              "It waits for a review.");
    EXPECT_EQ(t.known.attempts_used, 0);
}

TEST(request, that_waits_is_told_again_after_the_forge_was_away) {
    auto t = asking();
    must(t, waits(request_need::checks));
    look_again(t, 6, noon + 4min);
    EXPECT_TRUE(has<tell>(must(t, remote_trouble{"network", "It is away."}, noon + 4min)));
    look_again(t, 7, noon + 8min);
    must(t, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 8min);
    EXPECT_TRUE(has<tell>(must(t, waits(request_need::checks), noon + 8min))) << "the last word was that it is away";
}

TEST(request, is_looked_at_for_a_bounded_time) {
    auto t = asking();
    must(t, waits(request_need::review, "It waits for a review."));
    look_again(t, 6, noon + 59min);
    must(t, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 59min);
    must(t, waits(request_need::review, "It waits for a review."), noon + 59min);
    EXPECT_EQ(std::get<waiting>(t.now).until, noon + 1h) << "the last look is when its time is over";
    look_again(t, 7, noon + 1h);
    must(t, replayed{.onto = base, .commit = commit, .by_request = true}, noon + 1h);
    must(t, waits(request_need::review, "It waits for a review."), noon + 1h);
    EXPECT_EQ(left(t, 8, noon + 1h),
              "It waits for a review. That took too long (DEPLOY_REQUEST_TIMEOUT); nothing was merged.");
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    EXPECT_FALSE(t.known.lands);
}

TEST(request, that_waited_is_not_checked_again_unless_main_moved) {
    auto t = replaying();
    EXPECT_TRUE(has<check_landing>(must(t, replayed{.onto = tip, .commit = anew, .by_request = true})));
    must(t, checked{check_outcome::green});
    must(t, waits(request_need::checks));
    look_again(t, 6, noon + 10s);
    EXPECT_TRUE(has<land>(must(t, replayed{.onto = tip, .commit = anew, .by_request = true}, noon + 10s)));
    must(t, waits(request_need::checks), noon + 10s);
    look_again(t, 7, noon + 30s);
    const std::string later(40, '9'), on_it(40, '8');
    EXPECT_TRUE(has<check_landing>(must(t, replayed{.onto = later, .commit = on_it, .by_request = true}, noon + 30s)));
}

// I3: whatever a worker died at, the next one finds what the forge did.
TEST(request, that_was_merged_when_the_worker_died_is_found_to_be) {
    auto t = asking();
    must(t, claimed{next});
    must(t, lane_answered{true});
    must(t, replayed{.onto = merged, .commit = "", .there = commit, .as = landed{merged, base}});
    must(t, watched{ill, true});
    EXPECT_EQ(t.known.lands->what, landing::kind::roll_back) << "it was ours";

    auto by_hand = replaying();
    must(by_hand, replayed{.onto = merged, .commit = "", .there = commit, .as = landed{merged, base}});
    must(by_hand, watched{ill, true});
    EXPECT_EQ(by_hand.now, state(deployed{merged})) << "a person merged it: nothing of that is taken back by itself";
}

TEST(request, a_lost_answer_to_the_merge_is_a_wait_and_so_is_a_forge_that_is_away) {
    auto t = asking();
    must(t, remote_trouble{.reason = "network", .sentence = "GitHub answers 502.", .retry_after = 300s});
    auto* s = std::get_if<waiting>(&t.now);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->why, wait_reason::remote_away);
    EXPECT_EQ(s->until, noon + 300s) << "as long as it asks for";
    EXPECT_TRUE(t.known.lands->in_doubt);
    EXPECT_EQ(t.known.attempts_used, 0);
}

TEST(request, that_was_closed_or_refused_brings_the_result_back_into_review) {
    auto t = asking();
    auto told = has<tell>(must(t, remote_trouble{"no_push", "Its pull request was closed without being merged."}));
    EXPECT_EQ(told->text, "Its pull request was closed without being merged.");
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    EXPECT_FALSE(t.known.landing_unknown);
}

TEST(request, that_would_have_to_stand_on_more_becomes_a_result_of_its_own) {
    auto t = replaying();
    must(t, replayed{.onto = tip, .commit = anew, .by_request = true});
    must(t, checked{check_outcome::green});
    auto again = has<publish>(must(t, request_outdated{7, page, 1h}));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->commit, anew);
    must(t, pushed{});
    EXPECT_EQ(t.now, state(review{anew, verdict::ready}));
    EXPECT_TRUE(t.known.not_landed.contains("takes only what stands on all that it has")) << t.known.not_landed;

    auto overtaken = asking();
    must(overtaken, request_outdated{7, page, 1h});
    EXPECT_EQ(name_of(overtaken.now), "waiting")
        << "it stood on all of it a moment ago: what is there now is looked at";
    EXPECT_EQ(overtaken.known.lands->waits_on->what, request_need::forge);
}

TEST(request, a_rollbacks_branch_is_moved_from_where_we_had_it_only) {
    auto t = rolling();
    must(t, replayed{.onto = tip, .commit = anew, .by_request = true});
    must(t, checked{check_outcome::green});
    EXPECT_EQ(t.known.lands->offered, std::vector{anew});
    must(t, waits(request_need::checks));
    look_again(t, 7, noon + 1min);
    const std::string later(40, '9'), on_it(40, '8');
    must(t, replayed{.onto = later, .commit = on_it, .by_request = true}, noon + 1min);
    must(t, checked{check_outcome::green}, noon + 1min);
    EXPECT_EQ(t.known.lands->offered, (std::vector{anew, on_it}));
    must(t, request_outdated{8, page, 1h}, noon + 1min);
    EXPECT_EQ(name_of(t.now), "waiting") << "the next look makes it anew on what is there then";
    look_again(t, 8, noon + 2min);
    EXPECT_EQ(name_of(t.now), "rolling_back");
    EXPECT_TRUE(asking().known.lands->offered.empty())
        << "the task's own branch has what was approved, and is not moved";
}

TEST(request, that_waits_is_stopped_after_a_look_because_a_person_may_have_merged_it) {
    auto t = asking();
    must(t, waits(request_need::review));
    EXPECT_FALSE(has<tell>(must(t, abort_wished{})));
    must(t, claimed{{fence{6}, noon + 2min}}, noon + 1min);
    must(t, lane_answered{true}, noon + 1min);
    EXPECT_EQ(has<tell>(must(t, replayed{.onto = base, .commit = base, .by_request = true}, noon + 1min))->text,
              "Stopped; nothing was pushed.");
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    EXPECT_EQ(t.known.request, page) << "it is still open there";
}

TEST(request, has_nothing_to_say_about_what_has_landed) {
    auto t = watching();
    EXPECT_FALSE(step(t, waits(request_need::checks), noon));
    EXPECT_FALSE(step(t, request_outdated{7, page, 1h}, noon));
    EXPECT_EQ(t, watching());
}
