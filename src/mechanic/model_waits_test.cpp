#include "mechanic/model_waits.hpp"
#include "mechanic/step.hpp"

#include <algorithm>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 12h;

task at_work(state now) {
    return {
        .id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it", .attempts = 3}, .now = std::move(now)};
}

task waits_for(model_trouble why, state before = coding{1, 0, {fence{1}, noon + 10s}}) {
    auto t = at_work(std::move(before));
    EXPECT_TRUE(step(t, model_failed{.why = why, .sentence = "x", .budget = "of somebody"}, noon));
    return t;
}

} // namespace

TEST(model_waits, use_no_attempt_up) {
    for (auto why : {model_trouble::key, model_trouble::credit, model_trouble::day_budget, model_trouble::month_budget,
                     model_trouble::task_budget, model_trouble::paused}) {
        auto t = waits_for(why);
        EXPECT_EQ(t.known.attempts_used, 0);
        EXPECT_GT(std::get<waiting>(t.now).give_up, noon + 23h);
        EXPECT_EQ(t.known.budget, "of somebody");
    }
}

TEST(model_waits, look_again_when_the_budget_is_free_again) {
    auto tomorrow = std::chrono::floor<std::chrono::days>(noon) + 24h;
    EXPECT_EQ(std::get<waiting>(waits_for(model_trouble::day_budget).now).until, tomorrow);
    EXPECT_EQ(std::get<waiting>(waits_for(model_trouble::month_budget).now).until, tomorrow)
        << "the last day of November";
    auto t = at_work(coding{1, 0, {fence{1}, noon}});
    ASSERT_TRUE(step(t, model_failed{.why = model_trouble::month_budget, .sentence = "x"}, noon + 24h)); // in December
    EXPECT_EQ(std::get<waiting>(t.now).until, std::chrono::sys_days(std::chrono::year(2027) / 1 / 1));
    EXPECT_GT(std::get<waiting>(t.now).give_up, std::get<waiting>(t.now).until) << "its end is waited for";
}

TEST(model_waits, for_an_admins_word_last_until_it_is_said) {
    auto t = waits_for(model_trouble::paused);
    for (int day = 1; day < 100; ++day) { // of a pause
        auto now = std::get<waiting>(t.now).until;
        ASSERT_TRUE(step(t, wait_over{}, now)) << day;
        ASSERT_TRUE(step(t, claimed{{fence{day + 1}, now + 10s}}, now));
        ASSERT_TRUE(step(t, model_failed{.why = model_trouble::paused, .sentence = "x"}, now));
        ASSERT_TRUE(std::holds_alternative<waiting>(t.now)) << "it is not given up on day " << day;
    }
    EXPECT_EQ(t.known.attempts_used, 0);
}

TEST(model_waits, before_the_agent_is_started_are_of_a_pause_alone) {
    EXPECT_TRUE(std::holds_alternative<waiting>(waits_for(model_trouble::paused, preparing{1, {fence{1}, noon}}).now));
    auto t = at_work(preparing{1, {fence{1}, noon}});
    EXPECT_FALSE(step(t, model_failed{.why = model_trouble::credit, .sentence = "x"}, noon));
}

TEST(model_waits, are_none_where_somebody_waits_at_a_terminal) {
    auto t = at_work(coding{1, 0, {fence{1}, noon}});
    t.what.foreground = true;
    ASSERT_TRUE(step(t, model_failed{.why = model_trouble::paused, .sentence = "all spending is paused"}, noon));
    EXPECT_EQ(reason_of(t), "paused");
    EXPECT_EQ(sentence_of(t), "all spending is paused");
}
