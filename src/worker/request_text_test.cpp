#include "worker/request_text.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace persais::mechanic;

namespace {

task proposed(std::string instruction = "Mend the sum.") {
    task t{.id = {17}, .what = {.instruction = std::move(instruction)}, .now = review{}};
    t.known.base_branch = "main";
    t.known.branch = "mechanic/17-mend-the-sum";
    t.known.check = {"make test", "flag"};
    t.known.after = check_outcome::green;
    return t;
}
task landing_of(landing::kind what) {
    auto t = proposed();
    t.known.lands = landing{.what = what, .commit = std::string(40, 'c'), .by = "terminal"};
    return t;
}

} // namespace

TEST(request_text, says_what_was_asked_for_and_what_came_of_it) {
    auto text = request_text(proposed("Mend the sum.\nIt is wrong."));
    EXPECT_EQ(text.title, "Mend the sum.");
    EXPECT_EQ(text.branch, "mechanic/17-mend-the-sum");
    EXPECT_EQ(text.base, "main");
    EXPECT_EQ(text.body, "Task 17 of Persais:\n\n> Mend the sum.\n> It is wrong.\n\nChecks: `make test`, green\n");
    EXPECT_TRUE(request_text(landing_of(landing::kind::deploy)).body.contains("Approved by: terminal."));
    auto of_ann = proposed();
    of_ann.what.co_author = "Ann @lee <ann@example.org>";
    text = request_text(of_ann);
    EXPECT_TRUE(text.body.contains("\nAsked for by: Ann @\u200blee.\n")) << text.body;
    EXPECT_FALSE(text.body.contains("example.org")) << "an address is not for everybody";
}

TEST(request_text, calls_nobody_and_closes_nothing_by_the_words_of_a_person) {
    auto body = request_text(proposed("Ask @ann, fixes #3\n\n# Title")).body;
    EXPECT_FALSE(body.contains("@ann")) << body;
    EXPECT_FALSE(body.contains("#3")) << body;
    EXPECT_TRUE(body.contains("> Ask @\u200bann, fixes #\u200b3\n> \n> #\u200b Title")) << body;
    EXPECT_LT(request_text(proposed(std::string(100'000, 'x'))).body.size(), 10'000U);
}

TEST(request_text, of_what_takes_back_or_brings_again_has_a_branch_of_its_own) {
    auto back = request_text(landing_of(landing::kind::roll_back)),
         again = request_text(landing_of(landing::kind::deploy_again));
    EXPECT_EQ(back.branch, "mechanic/17-mend-the-sum-rollback-cccccccccc");
    EXPECT_EQ(back.title, "Revert \"Mend the sum.\"");
    EXPECT_EQ(again.branch, "mechanic/17-mend-the-sum-again-cccccccccc");
    EXPECT_EQ(again.title, "Reapply \"Mend the sum.\"");
    EXPECT_EQ(branch_of_request(landing_of(landing::kind::deploy)), "mechanic/17-mend-the-sum");
}
