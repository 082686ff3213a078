#include "mechanic/step.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;

namespace {

const lease mine{fence{5}, time_point{}};
const work some{std::string(40, 'c'), {1, 2, 3}, 0};

task after(state s, const over_disk& e, std::optional<work> made = {}) {
    task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = std::move(s)};
    t.known.made = std::move(made);
    EXPECT_TRUE(step(t, e, time_point{}));
    EXPECT_EQ(verdict_of(t), verdict::disk_limit);
    EXPECT_EQ(sentence_of(t), "Too much.");
    return t;
}

} // namespace

TEST(a_task_that_used_too_much_disk, keeps_what_its_coder_had_done) {
    auto t = after(coding{1, 0, mine}, {.sentence = "Too much.", .made = some, .took_seconds = 2});
    EXPECT_EQ(t.known.made, some);
    EXPECT_EQ(t.known.seconds.coding, 2);
    EXPECT_FALSE(after(coding{1, 0, mine}, {.sentence = "Too much."}).known.made);
}

TEST(a_task_that_used_too_much_disk, in_its_checks_keeps_the_change_and_buys_no_round) {
    auto t = after(checking{1, 0, mine}, {.sentence = "Too much.", .took_seconds = 2}, some);
    EXPECT_EQ(t.known.made, some);
    EXPECT_EQ(t.known.rounds_used, 0);
    EXPECT_EQ(t.known.seconds.checking, 2);
    ASSERT_TRUE(step(t, replied{1, "go on"}, time_point{}));
    EXPECT_EQ(t.known.draft, some.commit);
}

TEST(a_task_that_used_too_much_disk, has_a_verdict_of_its_own) {
    EXPECT_TRUE(keeps_work(verdict::disk_limit));
    EXPECT_TRUE(keeps_work(verdict::timed_out));
    EXPECT_TRUE(keeps_work(verdict::secret_found)) << "until a person lets it be pushed";
    EXPECT_TRUE(keeps_work(verdict::remote_failed)) << "for the next try";
    EXPECT_FALSE(keeps_work(verdict::aborted));
    EXPECT_FALSE(has_branch(verdict::disk_limit));
    EXPECT_EQ(exit_code(verdict::disk_limit), 1);
    after(answering{1, mine}, {.sentence = "Too much."});
}
