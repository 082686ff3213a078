#include "worker/judge_run.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace std::chrono_literals;
using mechanic::check_outcome;
using sandbox::child_result;
using sandbox::ended;

namespace {

check_verdict check(child_result r) {
    return judge_check(r, "make test", 90s);
}
std::string setup(child_result r) {
    auto v = judge_setup(r, "pip install -e .", 90s);
    EXPECT_EQ(v.how, check_outcome::could_not_run);
    EXPECT_TRUE(v.feedback.starts_with("The setup `pip install -e .` ")) << "the coder hears it when it broke it";
    return v.could_not_run;
}

} // namespace

TEST(a_check_that_ran_out_of_memory, is_red_and_tells_the_coder_how_much_it_may_use) {
    auto v = check({.how = ended::out_of_memory, .code = 9, .output = "test_big ...", .memory_bytes = 768ULL << 20});
    EXPECT_EQ(v.how, check_outcome::red);
    EXPECT_EQ(v.feedback, "`make test` used more than 768 MiB of memory and was ended. It printed:\n\ntest_big ...\n");
    EXPECT_EQ(v.could_not_run, "");
}

TEST(a_check_that_ran_out_of_memory, of_the_whole_machine_is_not_told_a_limit) {
    auto v = check({.how = ended::out_of_memory, .code = 9, .error = "Killed"});
    EXPECT_EQ(v.how, check_outcome::red);
    EXPECT_NE(v.feedback.find("`make test` was ended because this machine had no memory left."), std::string::npos)
        << v.feedback;
    EXPECT_NE(v.feedback.find("Killed"), std::string::npos) << v.feedback;
}

TEST(too_much_disk, is_told_of_setup_and_check_and_is_no_red) {
    child_result full{.how = ended::out_of_disk,
                      .code = 9,
                      .output = "Writing",
                      .disk = keeper::disk_excess::bytes,
                      .disk_limit = 4ULL << 30};
    auto v = check(full);
    EXPECT_EQ(v.how, check_outcome::could_not_run);
    EXPECT_TRUE(v.over_disk);
    EXPECT_EQ(v.could_not_run, "The check `make test` used more than 4 GB of disk and was ended. A larger TASK_DISK_MB "
                               "gives each task more.");
    EXPECT_EQ(setup(full), "The setup `pip install -e .` used more than 4 GB of disk and was ended. A larger "
                           "TASK_DISK_MB gives each task more.");
    full.disk = keeper::disk_excess::files;
    full.disk_limit = 1'000'000;
    EXPECT_TRUE(check(full).could_not_run.starts_with("The check `make test` made more than 1000000 files and was"));
}

TEST(a_setup_that_ran_out_of_memory, says_so_with_its_last_words) {
    EXPECT_EQ(setup({.how = ended::out_of_memory, .code = 9, .output = "Compiling", .memory_bytes = 64ULL << 20}),
              "The setup `pip install -e .` used more than 64 MiB of memory and was ended, so the checks could not "
              "run. Its last words:\nCompiling\n");
}

TEST(judge_check, tells_each_end_in_its_own_words) {
    EXPECT_EQ(check({.how = ended::exited, .code = 0}).how, check_outcome::green);
    auto red = [](child_result r) {
        auto v = check(std::move(r));
        EXPECT_EQ(v.how, check_outcome::red);
        return v.feedback.substr(0, v.feedback.find('.'));
    };
    EXPECT_EQ(red({.how = ended::exited, .code = 2}), "`make test` ended with code 2");
    EXPECT_EQ(red({.how = ended::signalled, .code = 11}), "`make test` was killed by signal 11");
    auto late = check({.how = ended::timed_out, .code = 9});
    EXPECT_EQ(late.how, check_outcome::timed_out);
    EXPECT_TRUE(late.feedback.starts_with("`make test` was not done after 90 s and was stopped.")) << late.feedback;
    auto away = check({.how = ended::exited, .code = 127, .error = "bash: line 1: pytest: command not found"});
    EXPECT_EQ(away.how, check_outcome::could_not_run);
    EXPECT_NE(away.could_not_run.find("pytest"), std::string::npos) << away.could_not_run;
    EXPECT_EQ(check({.how = ended::could_not_start, .code = 13}).could_not_run,
              "The check `make test` could not be started (error 13).");
}

TEST(judge_setup, lets_the_checks_go_on_only_when_it_ended_well) {
    EXPECT_EQ(judge_setup({.how = ended::exited, .code = 0}, "true", 1s).how, check_outcome::not_run);
    EXPECT_NE(setup({.how = ended::exited, .code = 1}).find("ended with code 1, so"), std::string::npos);
    EXPECT_NE(setup({.how = ended::timed_out, .code = 9}).find("did not end within 90 s, so"), std::string::npos);
    EXPECT_NE(setup({.how = ended::could_not_start, .code = 2}).find("could not be started (error 2)"),
              std::string::npos);
}
