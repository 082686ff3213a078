// Whoever's word a landing stands on may lose the right to say it: then nothing is pushed.
#include "mechanic/testing_landing.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace persais::mechanic::testing;

namespace {

const right_lost gone{"A right was taken back."};

/// About to push what was made anew.
task pushing_a_revert() {
    auto t = rolling();
    must(t, replayed{.onto = tip, .commit = anew});
    must(t, checked{check_outcome::green});
    return t;
}

task pushing_again() {
    auto t = landing_again();
    must(t, replayed{.onto = tip, .commit = std::string(40, 'd')});
    must(t, checked{check_outcome::green});
    return t;
}

} // namespace

TEST(landing_rights, the_result_goes_back_to_where_it_was_and_its_person_is_told) {
    for (auto& [t, state] : {std::pair(pushing(), "review"), std::pair(pushing_a_revert(), "deployed"),
                             std::pair(pushing_again(), "rolled_back")}) {
        auto now = t;
        auto told = has<tell>(must(now, gone));
        ASSERT_TRUE(told) << state;
        EXPECT_EQ(name_of(now.now), state);
        EXPECT_EQ(told->text, "A right was taken back.");
        EXPECT_FALSE(now.known.landing_unknown) << "nothing was pushed, and that is known";
        EXPECT_FALSE(now.known.lands);
    }
}

TEST(landing_rights, a_result_is_approved_anew_with_others_behind_it) {
    auto t = pushing();
    must(t, gone);
    must(t, approved{commit, false, "2", {"terminal", "2"}});
    EXPECT_EQ(t.known.lands->agreed, (std::vector<std::string>{"terminal", "2"}));
    EXPECT_EQ(t.known.lands->by, "2");
    EXPECT_TRUE(t.known.not_landed.empty()) << "what was said of the first one is over";
}

TEST(landing_rights, those_who_agreed_that_it_comes_there_again_are_kept_too) {
    auto t = taken_back();
    must(t, approved{anew, false, "1", {"1", "3"}});
    EXPECT_EQ(t.known.lands->agreed, (std::vector<std::string>{"1", "3"}));
}

TEST(landing_rights, matter_only_before_the_push) {
    for (auto t : {replaying(), checking_anew(), watching()})
        EXPECT_FALSE(step(t, gone, noon)) << name_of(t.now);
    auto settled = in_review();
    EXPECT_FALSE(step(settled, gone, noon));
}
