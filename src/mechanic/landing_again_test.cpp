// A rollback that is taken back: what a task brought onto the base branch comes there once more.
#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;

namespace {

const std::string later(40, '7'), again(40, '8');

} // namespace

TEST(landing_again, is_of_the_commit_that_took_it_back_and_goes_through_the_lane_with_its_checks) {
    auto t = taken_back();
    EXPECT_FALSE(step(t, approved{commit, false, "1"}, noon)) << "its result is not what was shown";
    EXPECT_TRUE(must(t, approved{anew, false, "1"}).empty());
    EXPECT_EQ(name_of(t.now), "queued");
    EXPECT_EQ(t.known.lands->what, landing::kind::deploy_again);
    EXPECT_FALSE(step(t, approved{anew, false, "1"}, noon)) << "once";
    EXPECT_TRUE(has<take_lane>(must(t, claimed{{fence{7}, noon + 30s}})));
    EXPECT_EQ(name_of(t.now), "deploying");
    EXPECT_TRUE(has<replay>(must(t, lane_answered{true})));
    EXPECT_EQ(has<check_landing>(must(t, replayed{.onto = later, .commit = again}))->commit, again);
    auto push = has<land>(must(t, checked{check_outcome::green}));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->commit, again);
    EXPECT_EQ(push->expected, later);
    must(t, pushed{});
    EXPECT_EQ(has<tell>(must(t, watched{}))->text, "Deployed: main is at 8888888888; before it was at 7777777777.");
    EXPECT_EQ(t.now, state(deployed{again}));
    EXPECT_EQ(t.known.on_base, (landed{again, later}));
}

TEST(landing_again, can_be_rolled_back_and_deployed_without_an_end) {
    auto t = landing_again();
    must(t, replayed{.onto = later, .commit = again});
    must(t, checked{check_outcome::green});
    must(t, pushed{});
    must(t, watched{});
    must(t, roll_back_wished{again, true, "1"});
    must(t, claimed{{fence{8}, noon + 40s}});
    must(t, lane_answered{true});
    must(t, replayed{.onto = again, .commit = tip});
    must(t, pushed{});
    must(t, watched{});
    EXPECT_EQ(t.now, state(rolled_back{tip}));
    EXPECT_TRUE(step(t, approved{tip, false, "1"}, noon));
}

TEST(landing_again, that_comes_to_nothing_leaves_it_rolled_back) {
    for (const event& e : std::vector<event>{
             replayed{.onto = later, .commit = later}, replayed{.onto = later, .commit = "", .conflicts = {"a"}},
             remote_trouble{"no_read", "x"}, over_disk{.sentence = "full"}, abort_wished{}}) {
        auto t = landing_again();
        EXPECT_TRUE(has<tell>(must(t, e))) << e.index();
        EXPECT_EQ(t.now, state(rolled_back{anew})) << e.index();
        EXPECT_EQ(t.known.on_base, (landed{commit, base})) << e.index();
        EXPECT_TRUE(sentence_of(t).starts_with("Rolled back: main is at ffffffffff, which takes cccccccccc back. "))
            << sentence_of(t);
        EXPECT_TRUE(step(t, approved{anew, false, "1"}, noon)) << "a person may ask again";
    }
    auto red = landing_again();
    must(red, replayed{.onto = later, .commit = again});
    EXPECT_EQ(has<tell>(must(red, checked{check_outcome::red}))->text,
              "On what main holds now (7777777777) the checks are not green. Nothing was deployed.");
    EXPECT_EQ(red.now, state(rolled_back{anew}));
}

TEST(landing_again, that_reads_otherwise_is_shown_before_it_lands) {
    auto t = landing_again();
    must(t, replayed{.onto = later, .commit = again, .same_text = false});
    auto push = has<publish>(must(t, checked{check_outcome::green}));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->commit, again);
    EXPECT_EQ(push->branch, "mechanic/17-mend-it");
    must(t, pushed{});
    EXPECT_EQ(t.now, state(review{again, verdict::ready}));
    EXPECT_EQ(t.known.base, later);
}

TEST(landing_again, that_reads_otherwise_and_is_not_put_there_is_rolled_back_as_before) {
    auto t = landing_again();
    must(t, replayed{.onto = later, .commit = again, .same_text = false});
    must(t, checked{check_outcome::green});
    must(t, remote_trouble{"moved", "Somebody moved its branch."});
    EXPECT_EQ(t.now, state(rolled_back{anew}))
        << "the base branch holds what took it back, so its result is not deployed";
    EXPECT_TRUE(t.known.was.empty());
    EXPECT_TRUE(step(t, approved{anew, false, "1"}, noon)) << "a person may ask again";
}

TEST(landing_again, of_a_result_that_is_not_green_needs_an_extra_word) {
    for (auto how : {verdict::ready_unchecked, verdict::tests_red}) {
        auto t = taken_back();
        t.known.stands->how = how;
        EXPECT_FALSE(lands_without_a_word(t));
        EXPECT_FALSE(step(t, approved{anew, false, "1"}, noon));
        EXPECT_TRUE(step(t, approved{anew, true, "1"}, noon));
    }
}

TEST(landing_again, finds_what_it_pushed_before_it_died) {
    auto t = landing_again();
    must(t, replayed{.onto = later, .commit = again});
    must(t, checked{check_outcome::green});
    must(t, claimed{{fence{9}, noon + 50s}});
    must(t, lane_answered{true});
    must(t, replayed{.onto = again, .commit = again, .there = again});
    must(t, watched{});
    EXPECT_EQ(t.now, state(deployed{again}));
    EXPECT_EQ(t.known.on_base, (landed{again, later}));
}
