#include "base/told.hpp"
#include "llm/backoff.hpp"
#include "llm/limits.hpp"
#include "llm/outcome.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::llm;
using namespace std::chrono_literals;

namespace {

std::string error(int code, std::string message, boost::json::object metadata = {}) {
    return boost::json::serialize(
        boost::json::object{{"error", {{"code", code}, {"message", message}, {"metadata", metadata}}}});
}

} // namespace

TEST(outcome, each_status_has_the_cause_of_the_table) {
    struct row {
        int status;
        http::headers fields;
        std::string message;
        cause why;
        bool again;
        int told;
    };
    const row table[] = {
        {401, {}, "No auth credentials found", cause::key, false, 401},
        {402, {}, "Insufficient credits", cause::credit, false, 402},
        {402, {{"Retry-After", "3"}}, "in flight", cause::rate, true, 402},
        {403, {}, "flagged by moderation", cause::policy, false, 403},
        {404, {}, "No endpoints found", cause::model, false, 404},
        {400, {}, "nope is not a valid model ID", cause::model, false, 400},
        {400,
         {},
         "This endpoint's maximum context length is 10 tokens. Please reduce the length",
         cause::context,
         false,
         400},
        {413, {}, "too big", cause::context, false, 413},
        {408, {}, "timed out", cause::network, true, 408},
        {429, {}, "Rate limit exceeded", cause::rate, true, 429},
        {500, {}, "oops", cause::network, true, 500},
        {502, {}, "Provider returned error", cause::network, true, 502},
        {503, {}, "no provider", cause::network, true, 503},
        {302, {{"Location", "http://x"}}, "", cause::network, false, 502},
    };
    for (const auto& r : table) {
        auto t = refused(r.status, r.fields, error(r.status, r.message));
        EXPECT_EQ(t.why, r.why) << r.status << r.message;
        EXPECT_EQ(t.again, r.again) << r.status << r.message;
        EXPECT_EQ(t.status, r.told) << r.status << r.message;
        EXPECT_TRUE(t.answered);
        EXPECT_NE(t.sentence.find(r.message), std::string::npos) << t.sentence;
        EXPECT_TRUE(russian_of(t.sentence)) << t.sentence;
        EXPECT_TRUE(russian_of(refused(r.status, r.fields, "").sentence)) << r.status;
    }
}

TEST(outcome, a_403_that_names_a_budget_is_about_money) {
    auto t = refused(403, {}, error(403, "Budget limit exceeded", {{"limit_source", "openrouter_guardrail_budget"}}));
    EXPECT_EQ(t.why, cause::credit);
    EXPECT_EQ(t.status, 402);
}

TEST(outcome, a_page_of_a_proxy_is_an_error_too) {
    auto t = refused(502, {}, "<html>Bad gateway</html>");
    EXPECT_EQ(t.why, cause::network);
    EXPECT_EQ(t.sentence.find("html"), std::string::npos);
    EXPECT_EQ(refused(500, {}, R"({"error":"just text"})").sentence, "The model endpoint failed with 500: just text");
}

TEST(outcome, of_a_budget_says_whose_it_is_and_when_it_is_free_again) {
    auto noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + std::chrono::hours(12);
    EXPECT_EQ(budget_over(cause::month_budget, {"", 50}, 0, noon).budget,
              "The budget of this month ($50.00) is used up; it is free again at 2026-12-01 00:00 UTC.");
    EXPECT_EQ(budget_over(cause::month_budget, {"repository:you/shop", 5}, 0, noon + std::chrono::days(1)).budget,
              "The budget of this month for you/shop ($5.00) is used up; it is free again at 2027-01-01 00:00 UTC.");
    EXPECT_EQ(budget_over(cause::day_budget, {"person:11", 5}, 0, noon).budget,
              "The budget of this day for person 11 ($5.00) is used up; it is free again at 2026-12-01 00:00 UTC.");
    EXPECT_EQ(budget_over(cause::day_budget, {"", 20}, 0, noon).budget, "") << "everybody's has its words already";
    EXPECT_TRUE(budget_over(cause::day_budget, {"person:terminal", 5}, 0, noon)
                    .sentence.contains("the budget of this day for the terminal is used up"));
    EXPECT_EQ(spending_paused().status, 402);
}

TEST(outcome, money_that_is_out_is_told_in_the_form_that_stops_aider) {
    EXPECT_EQ(budget_over(cause::task_budget, {"", 2}, 0, {}).sentence,
              R"(Insufficient credits: the budget of this task is used up {"code":402})");
    EXPECT_EQ(
        budget_over(cause::day_budget, {"", 2}, 0.5, {}).sentence,
        R"(Insufficient credits: the budget of this day is used up; its next call may cost $0.5000 {"code":402})");
    EXPECT_EQ(budget_over(cause::task_budget, {"", 0.01}, 0.5, {}).sentence,
              R"(Insufficient credits: one call of this model may cost $0.5000, which is more than the whole budget )"
              R"(of this task ($0.0100) {"code":402})");
    auto credit = refused(402, {}, error(402, "Add more credits"));
    EXPECT_NE(credit.sentence.find("Insufficient credits"), std::string::npos);
    EXPECT_NE(credit.sentence.find(R"("code":402)"), std::string::npos);
    auto told = boost::json::parse(agent_error(budget_over(cause::task_budget, {"", 2}, 0, {})));
    EXPECT_EQ(told.at("error").at("code").as_int64(), 402);
}

TEST(outcome, long_words_of_an_endpoint_are_cut_between_characters) {
    std::string words;
    while (words.size() < limits::model_sentence_bytes + 100)
        words += "ж";
    auto t = refused(400, {}, error(400, words));
    EXPECT_LT(t.sentence.size(), limits::model_sentence_bytes + 200);
    boost::system::error_code ec;
    boost::json::parse(agent_error(t), ec);
    EXPECT_FALSE(ec) << "still UTF-8";
}

TEST(outcome, the_code_inside_a_200_may_be_text_or_nonsense) {
    using boost::json::object;
    EXPECT_EQ(code_of(object{{"code", 429}}), 429);
    EXPECT_EQ(code_of(object{{"code", "429"}}), 429);
    EXPECT_EQ(code_of(object{{"code", "server_error"}}), 502);
    EXPECT_EQ(code_of(object{{"code", 1e300}}), 502);
    EXPECT_EQ(code_of(object{{"code", 7}}), 502);
    EXPECT_EQ(code_of(object{}), 502);
}

TEST(backoff, doubles_with_luck_up_to_its_limit) {
    gateway_options o{.luck = [] { return 0.0; }, .backoff_first = 100ms, .backoff_most = 1000ms};
    call_error t = cut("x");
    EXPECT_EQ(next_wait(t, 1, 1h, o), 50ms);
    EXPECT_EQ(next_wait(t, 2, 1h, o), 100ms);
    EXPECT_EQ(next_wait(t, 8, 1h, o), 500ms);
    o.luck = [] { return 0.5; };
    EXPECT_EQ(next_wait(t, 1, 1h, o), 75ms);
}

TEST(backoff, obeys_retry_after_unless_it_is_absurd) {
    gateway_options o{.luck = [] { return 0.0; }, .backoff_first = 100ms};
    call_error t = refused(429, {{"Retry-After", "7"}}, "");
    EXPECT_EQ(next_wait(t, 1, 1h, o), 7s);
    EXPECT_EQ(next_wait(t, 1, 5s, o), std::nullopt) << "the session ends before";
    t.retry_after = limits::model_retry_after_most + 1s;
    EXPECT_EQ(next_wait(t, 1, 1h, o), std::nullopt);
    EXPECT_EQ(retry_after({{"retry-after", "1.2"}}), 2s);
    EXPECT_EQ(retry_after({{"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"}}), std::nullopt);
    EXPECT_EQ(retry_after({{"Retry-After", "-1"}}), std::nullopt);
}

TEST(backoff, ends_with_the_tries_and_with_what_cannot_be_tried_again) {
    gateway_options o{.luck = [] { return 0.0; }};
    EXPECT_EQ(next_wait(cut("x"), limits::model_tries, 1h, o), std::nullopt);
    EXPECT_EQ(next_wait(refused(401, {}, ""), 1, 1h, o), std::nullopt);
}
