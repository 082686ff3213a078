#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;
using namespace std::chrono_literals;

TEST(watching, tells_what_was_seen_with_the_end) {
    for (const auto& [seen, said] : {std::pair(fit, "It is healthy: It answers 200."),
                                     std::pair(ill, "It was not seen healthy: It answers 502.")}) {
        auto t = watching();
        auto told = has<tell>(must(t, watched{seen}));
        ASSERT_TRUE(told);
        EXPECT_EQ(told->text, "Deployed: main is at cccccccccc; before it was at bbbbbbbbbb. " + std::string(said));
        EXPECT_EQ(sentence_of(t), told->text);
        EXPECT_EQ(t.known.seen, seen);
    }
}

TEST(watching, goes_on_where_it_was_after_a_crash_and_does_not_push_again) {
    auto t = watching();
    must(t, claimed{next}, noon + 1min);
    auto look = has<watch>(must(t, lane_answered{true}, noon + 1min));
    ASSERT_TRUE(look);
    EXPECT_EQ(look->waited, 1min);
    must(t, watched{fit}, noon + 2min);
    EXPECT_EQ(t.known.on_base, (landed{commit, base}));
}

TEST(watching, that_is_stopped_leaves_it_deployed) {
    auto aborted = watching(), tired = watching();
    must(aborted, abort_wished{});
    tired.known.attempts_used = tired.what.attempts - 1;
    must(tired, world_trouble{"no disk"});
    for (const auto& [t, why] :
         {std::pair(aborted, "nobody waited for it."), std::pair(tired, "nobody could look any longer.")}) {
        EXPECT_EQ(t.now, state(deployed{commit}));
        EXPECT_EQ(sentence_of(t), "Deployed: main is at cccccccccc; before it was at bbbbbbbbbb. "
                                  "It was not seen healthy: " +
                                      std::string(why));
        EXPECT_FALSE(t.known.lands);
    }
    auto before = pushing(); // stopped while it was pushed, and found there: nobody says that it would be watched
    must(before, abort_wished{});
    must(before, claimed{next}, noon + limits::push_settles);
    must(before, lane_answered{true});
    must(before, replayed{.onto = commit, .commit = "", .there = commit});
    EXPECT_EQ(before.now, state(deployed{commit}));
    EXPECT_FALSE(before.known.seen);
}

TEST(watching, takes_an_unhealthy_one_back_before_anybody_elses_goes_on) {
    auto t = watching();
    EXPECT_TRUE(must(t, watched{ill, true}, noon + 10min).empty()) << "it is told when it is back";
    ASSERT_TRUE(t.known.lands);
    EXPECT_EQ(t.known.lands->what, landing::kind::roll_back);
    EXPECT_EQ(t.known.lands->by, by_health);
    EXPECT_EQ(t.known.lands->asked, noon) << "its place in the lane is the one that it had";
    must(t, claimed{lease{fence{6}, noon + 11min}}, noon + 10min);
    must(t, lane_answered{true}, noon + 10min);
    EXPECT_TRUE(has<land>(must(t, replayed{.onto = tip, .commit = anew}, noon + 10min))) << "without checks";
    must(t, pushed{}, noon + 10min);
    auto told = has<tell>(must(t, watched{fit, true}, noon + 11min));
    ASSERT_TRUE(told);
    EXPECT_EQ(told->text, "Rolled back: main is at ffffffffff, which takes cccccccccc back. It is healthy: It answers "
                          "200. What it deployed was not healthy: It answers 502.");
}

TEST(watching, takes_nothing_back_that_is_a_rollback) {
    auto t = rolling();
    must(t, replayed{.onto = tip, .commit = anew});
    must(t, checked{check_outcome::green});
    must(t, pushed{});
    must(t, watched{ill, true});
    EXPECT_EQ(t.now, state(rolled_back{anew}));
}

TEST(watching, tells_why_a_rollback_by_itself_came_to_nothing) {
    auto t = watching();
    must(t, watched{ill, true});
    must(t, claimed{next});
    must(t, lane_answered{true});
    auto told = has<tell>(must(t, replayed{.onto = tip, .commit = "", .conflicts = {"a"}}));
    ASSERT_TRUE(told);
    EXPECT_TRUE(
        told->text.starts_with("What it deployed was not healthy: It answers 502. Later commits of main changed"))
        << told->text;
    EXPECT_EQ(t.now, state(deployed{commit}));
    EXPECT_EQ(t.known.seen, ill) << "it is there, and is not healthy";
    EXPECT_EQ(sentence_of(t).find("What it deployed"), std::string::npos) << "that is told once: " << sentence_of(t);
}

TEST(watching, takes_nothing_back_that_others_had_merged) {
    auto t = replaying();
    must(t, replayed{.onto = tip, .commit = "", .there = commit});
    must(t, watched{ill, true});
    EXPECT_EQ(t.now, state(deployed{commit}));
}

TEST(watching, and_the_steps_before_the_push_do_not_mix) {
    auto early = pushing(), late = watching();
    EXPECT_FALSE(step(early, watched{fit}, noon));
    for (const event& e :
         std::vector<event>{pushed{}, checked{check_outcome::red}, replayed{.onto = tip, .commit = anew},
                            over_disk{"x"}, remote_trouble{"no_push", "x"}})
        EXPECT_FALSE(step(late, e, noon)) << e.index();
}
