#include "cli/budget_words.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;

namespace {

const service::money_left everybody{.lines = {{{}, false, 3.5, 20}, {{}, true, 40, 100}}, .paused = {}};

queue::budget_state shop() {
    return {.budget = {.of = {"repository", "you/shop"}, .day_usd = 5, .month_usd = 50, .waiting = {}},
            .now = {1.2, 14}};
}

} // namespace

TEST(budget_words, say_what_is_used_of_what) {
    queue::budget_state ann{.budget = {.of = {"person", "11"}, .day_usd = {}, .month_usd = {}, .waiting = 5},
                            .now = {}};
    EXPECT_EQ(budgets_words(everybody, {shop(), ann}),
              "everybody: $3.50 of $20.00 today, $40.00 of $100.00 this month\n"
              "you/shop: $1.20 of $5.00 today, $14.00 of $50.00 this month\n"
              "person 11: at most 5 waiting\n");
}

TEST(budget_words, say_that_spending_is_paused_and_by_whom) {
    auto left = everybody;
    left.paused = queue::pause_state{"11", time_point{}};
    auto text = budgets_words(left, {});
    EXPECT_TRUE(text.starts_with("All spending is paused since ")) << text;
    EXPECT_TRUE(text.contains(" by person 11: `persais resume` ends it.\n")) << text;
}

TEST(budget_words, for_a_program_are_a_line_for_each_budget) {
    auto all = budgets_json(everybody, {shop()});
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(
        boost::json::serialize(all.at(2)),
        R"({"event":"budget","of":"repository","name":"you/shop","period":"day","budget_usd":5E0,"counted_usd":1.2E0,"left_usd":3.8E0})");
}
