#include "cli/cost_table.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;

namespace {

queue::cost_line of(std::string name, std::string usd, std::string estimated = "0") {
    return {.name = std::move(name),
            .calls = 3,
            .usd = std::move(usd),
            .tokens_sent = 1000,
            .tokens_received = 20,
            .tokens_cached = 500,
            .estimated_usd = std::move(estimated),
            .reserved_usd = "0"};
}

} // namespace

TEST(cost_table, shows_each_group_and_the_sum) {
    auto text = cost_table("repository", {of("you/shop", "1.25", "0.5"), of("", "0.0001")});
    EXPECT_TRUE(text.starts_with("REPOSITORY   USD     CALLS  SENT  RECEIVED  OF IT ESTIMATED\n")) << text;
    EXPECT_TRUE(text.contains("you/shop     1.2500  3      1000  20        0.5000\n")) << text;
    EXPECT_TRUE(text.contains("(not known)  0.0001  3      1000  20        –\n")) << text;
    EXPECT_TRUE(text.ends_with("In all: $1.2501\n")) << text;
    EXPECT_EQ(cost_table("day", {}), "Nothing was spent then.\n");
}

TEST(cost_table, for_a_spreadsheet_has_all_digits_and_no_formulas) {
    EXPECT_EQ(costs_csv("model", {of("a/b", "0.123456789012"), of("x,\"y\"", "1"), of("=1+1", "2")}),
              "model,usd,calls,tokens_sent,tokens_received,tokens_cached,estimated_usd,reserved_usd\r\n"
              "a/b,0.123456789012,3,1000,20,500,0,0\r\n"
              "\"x,\"\"y\"\"\",1,3,1000,20,500,0,0\r\n"
              "'=1+1,2,3,1000,20,500,0,0\r\n");
}

TEST(cost_table, days_are_those_of_the_calendar) {
    EXPECT_EQ(day_after("2026-11-30"), "2026-12-01");
    EXPECT_EQ(day_after("2028-02-28"), "2028-02-29");
    auto said = [](std::string text) { return calendar_day()(text); };
    EXPECT_EQ(said("2026-11-30"), "");
    for (auto* wrong : {"2026-11-31", "2026-1-1", "30.11.2026", "yesterday", "", "2026-11-3o", "0000-01-01"})
        EXPECT_NE(said(wrong), "") << wrong;
}
