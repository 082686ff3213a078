// A result that is made anew because of a landing, while it may be on the task's branch already.
#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;
using namespace std::chrono_literals;

namespace {

const lease later{fence{8}, noon + 40s};

void stands_as_it_was(const task& t) {
    EXPECT_EQ(t.now, state(review{commit, verdict::ready}));
    EXPECT_EQ(t.known.base, base);
    EXPECT_EQ(t.known.made->commit, commit);
    EXPECT_TRUE(t.known.was.empty());
    EXPECT_FALSE(t.known.decided && t.known.made->commit != t.known.stands->made.commit);
}

} // namespace

TEST(anew, refused_by_the_branch_leaves_the_result_that_stood) {
    for (auto from : {pushing_anew(), pushing_what_was_solved()})
        for (const char* reason : {"moved", "no_push", "protected_branch"}) {
            auto t = from;
            auto done = must(t, remote_trouble{reason, "The branch is not what it was."});
            if (std::string(reason) != "moved") { // the push of before may have come through: it is looked
                auto there = t;
                must(there, claimed{later});
                must(there, prepared{.base = tip, .branch = t.known.branch, .has_work = true, .is_pushed = true});
                EXPECT_EQ(there.now, state(review{anew, verdict::ready}));
                EXPECT_FALSE(there.known.came_to_nothing);
                must(t, claimed{later});
                done = must(t, prepared{.base = tip, .branch = t.known.branch, .has_work = true});
            }
            auto said = has<tell>(done)->text;
            stands_as_it_was(t);
            EXPECT_NE(said.find("The branch is not what it was."), std::string::npos);
            EXPECT_EQ(said.find("It is not known"), std::string::npos) << said;
            EXPECT_EQ(t.known.branch_moved, std::string(reason) == "moved");
            EXPECT_TRUE(step(t, approved{commit, false, "1"}, noon)) << "it can be deployed still";
        }
    auto t = pushing_anew();
    must(t, remote_trouble{"moved", "The branch is gone."});
    EXPECT_NE(
        t.known.not_landed.find("the change reads otherwise there; that is not on the branch mechanic/17-mend-it"),
        std::string::npos)
        << t.known.not_landed;
}

TEST(anew, an_abort_in_the_middle_of_the_push_is_found_out_about) {
    for (auto from : {pushing_anew(), pushing_what_was_solved()}) {
        auto t = from;
        must(t, abort_wished{});
        EXPECT_EQ(t.now, state(queued{noon + limits::push_settles})) << "the remote may still carry it out";
        EXPECT_FALSE(obeys_abort(t));
        EXPECT_FALSE(step(t, abort_wished{}, noon));
        must(t, claimed{later}, noon + limits::push_settles);
        auto not_there = t, there = t, gone = t, away = t;
        EXPECT_NE(has<tell>(must(not_there, prepared{.base = tip, .has_work = true}))
                      ->text.find("Stopped; nothing was pushed."),
                  std::string::npos);
        stands_as_it_was(not_there);
        must(there, prepared{.base = tip, .branch = there.known.branch, .has_work = true, .is_pushed = true});
        EXPECT_EQ(there.now, state(review{anew, verdict::ready})) << "it was too late";
        EXPECT_EQ(there.known.base, tip);
        must(gone, remote_trouble{"moved", "The branch is gone."});
        stands_as_it_was(gone);
        EXPECT_TRUE(gone.known.branch_moved);
        must(away, remote_trouble{"network", "away"}, noon + 1min);
        EXPECT_EQ(name_of(away.now), "waiting");
    }
}

TEST(anew, a_push_without_an_answer_is_looked_at_for_most_of_a_day) {
    auto t = pushing_anew();
    auto now = noon;
    int looks = 0;
    while (!is_settled(t.now)) {
        if (lease_of(t.now))
            must(t, looks % 2 == 0 ? event(remote_trouble{"network", "away"}) : event(world_trouble{"broken"}), now);
        else if (std::holds_alternative<waiting>(t.now))
            must(t, wait_over{}, now += 30h), ++looks;
        else
            must(t, claimed{{fence{100 + looks}, now + 10s}}, now);
        if (std::holds_alternative<preparing>(t.now))
            must(t, prepared{.base = tip, .branch = t.known.branch, .has_work = true}, now);
    }
    EXPECT_GE(looks, limits::landing_looks - 1);
    stands_as_it_was(t);
    EXPECT_EQ(t.known.not_landed.find("It is not known whether mechanic/17-mend-it has it: look at the branch."), 0U)
        << t.known.not_landed;
    EXPECT_EQ(seen_of_branch(t), branch_seen::not_ours) << "nothing is claimed about it";
}

TEST(anew, goes_on_after_a_crash_and_is_pushed_once_more) {
    auto t = pushing_anew();
    must(t, claimed{later});
    EXPECT_FALSE(has<prepare>(commands(prepare{.tree = !t.known.decided}))->tree);
    auto push = has<publish>(must(t, prepared{.base = tip, .branch = t.known.branch, .has_work = true}));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->commit, anew);
    EXPECT_TRUE(push->anyway);
    must(t, pushed{});
    EXPECT_EQ(t.now, state(review{anew, verdict::ready}));
    EXPECT_NE(t.known.not_landed.find("the change reads otherwise there: look at it again"), std::string::npos);
}

TEST(anew, whose_commit_was_lost_with_its_disk_leaves_the_result_that_stood) {
    auto t = pushing_anew();
    must(t, claimed{later});
    auto said = has<tell>(must(t, prepared{.base = tip, .branch = t.known.branch, .has_work = false}))->text;
    EXPECT_NE(said.find("Its commit was lost."), std::string::npos) << said;
    stands_as_it_was(t);
    auto solved_one = pushing_what_was_solved(); // a turn can be done again, on the newest main
    must(solved_one, claimed{later});
    EXPECT_TRUE(has<run_coder>(must(solved_one, prepared{.base = anew, .branch = solved_one.known.branch})));
    EXPECT_EQ(ground_of(solved_one.known), anew);
}

TEST(anew, a_remote_that_shows_nothing_is_no_proof) {
    auto t = pushing_anew();
    must(t, claimed{later});
    must(t, remote_trouble{"no_read", "The token was refused."});
    EXPECT_EQ(name_of(t.now), "waiting") << "the push of before may have come through";
    auto never = to_be_solved();
    must(never, claimed{later});
    must(never, remote_trouble{"no_read", "The token was refused."});
    stands_as_it_was(never);
}
