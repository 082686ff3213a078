#include "api/problem.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "http/limits.hpp"

#include <map>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::api;
namespace json = boost::json;

namespace {

json::object read(const http::response& r) {
    return json::parse(r.body).as_object(); // which takes UTF-8 only
}

std::vector<service::refusal::reason> all_reasons() {
    std::vector<service::refusal::reason> all;
    for (int i = 0; i <= static_cast<int>(service::refusal::reason::too_many); ++i)
        all.push_back(static_cast<service::refusal::reason>(i));
    return all;
}

} // namespace

TEST(problem, each_reason_has_a_word_of_its_own_and_a_status_that_says_whose_turn_it_is) {
    std::map<std::string, int> words;
    for (auto each : all_reasons()) {
        auto word = std::string(name_of(each));
        EXPECT_TRUE(words.emplace(word, status_of(each)).second) << word << " is there twice";
        EXPECT_FALSE(word.empty()) << static_cast<int>(each);
        EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), word.npos) << word;
        EXPECT_TRUE(status_of(each) >= 400 && status_of(each) < 500) << word << ": no rule is a fault of the service";
    }
    std::map<int, std::vector<std::string>> expected{
        {403,
         {"admins_only", "needs_code", "no_factor", "not_a_deployer", "not_yours", "own_work", "readers_only",
          "wrong_code"}},
        {404, {"no_task"}},
        {409, {"ended", "has_result", "not_green", "not_landable", "stale", "under_way"}},
        {422, {"bad_budget", "empty", "key_used", "no_repository", "over_day", "too_long"}},
        {429, {"factor_pause", "too_many"}}};
    for (const auto& [status, of] : expected)
        for (const auto& word : of)
            EXPECT_EQ(words.at(word), status) << word;
    EXPECT_EQ(status_of(static_cast<service::refusal::reason>(999)), 500);
    EXPECT_EQ(name_of(static_cast<service::refusal::reason>(999)), "");
}

TEST(problem, of_each_reason_is_one_document_in_either_language) {
    for (auto each : all_reasons()) {
        service::refusal why{each, told<"There is no task {}.", "Задачи {} нет.">(7)};
        for (bool russian : {false, true}) {
            auto r = problem_of(why, russian);
            auto body = read(r);
            EXPECT_EQ(r.status, status_of(each));
            EXPECT_EQ(whole_in(body, "status"), r.status);
            EXPECT_EQ(text_in(body, "type"), "about:blank");
            EXPECT_EQ(text_in(body, "title"), http::reason(r.status));
            EXPECT_FALSE(text_in(body, "title").empty());
            EXPECT_EQ(text_in(body, "reason"), name_of(each)) << "a program reads the same in either language";
            EXPECT_EQ(text_in(body, "detail"), russian ? "Задачи 7 нет." : "There is no task 7.");
            EXPECT_EQ(http::header(r.fields, "Cache-Control"), "no-store");
            EXPECT_EQ(http::header(r.fields, "Retry-After").empty(), r.status != 429);
        }
    }
}

TEST(problem, says_when_to_come_again_and_how_to_show_a_token) {
    for (int status : {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503}) {
        auto r = problem(status, "So it is.", false);
        bool later = status == 429 || status == 503;
        EXPECT_EQ(http::header(r.fields, "Retry-After"),
                  later ? std::to_string(limits::http_retry_after.count()) : std::string())
            << status;
        EXPECT_EQ(http::header(r.fields, "WWW-Authenticate").empty(), status != 401) << status;
        EXPECT_FALSE(read(r).contains("reason")) << "only where a rule has one";
        EXPECT_EQ(text_in(read(r), "title"), http::reason(status));
        EXPECT_TRUE(r.body.ends_with("}\n"));
    }
}

TEST(problem, is_JSON_whatever_somebody_sent_that_is_quoted_in_it) {
    for (const std::string bad : {"\xff\xfe", "\xc3", "\x1b[31mred\x1b[0m", "a\"b\\c", "</script>", "\xe2\x80\xae",
                                  "\xf0\x9f\x98\x80", "\x7f\x01"}) {
        auto r = problem(404, "There is no /" + bad + " here.", false);
        EXPECT_TRUE(text::valid_utf8(r.body)) << bad;
        auto detail = text_in(read(r), "detail");
        EXPECT_TRUE(detail.starts_with("There is no /") && detail.ends_with(" here.")) << detail;
        EXPECT_EQ(detail.find('\x1b'), detail.npos) << "what a terminal would obey";
    }
}

TEST(problem, keeps_a_sentence_that_nobody_translated_as_it_is) {
    EXPECT_EQ(text_in(read(problem(400, "git said: fatal", true)), "detail"), "git said: fatal");
    auto quoted = told<"There is no {} here.", "Здесь нет {}.">("/api/v1/{task}/%s");
    EXPECT_EQ(text_in(read(problem(404, quoted, true)), "detail"), "Здесь нет /api/v1/{task}/%s.");
}
