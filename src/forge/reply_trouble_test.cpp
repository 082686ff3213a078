#include "forge/limits.hpp"
#include "forge/reply_trouble.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::forge;
using namespace std::chrono_literals;

namespace {

const forge_words here{"GitLab", "It needs scope `api`."};

json_api::reply reply(int status, const std::string& body, http::headers fields = {}) {
    boost::system::error_code no_json;
    auto value = boost::json::parse(body, no_json);
    return {.status = status, .fields = std::move(fields), .body = no_json ? boost::json::value() : std::move(value)};
}
trouble of(int status, const std::string& body = "{}", http::headers fields = {}) {
    return trouble_in(here, reply(status, body, std::move(fields)), "merge it");
}

} // namespace

TEST(reply_trouble, its_words_are_found_in_each_of_the_ways_that_forges_write_them) {
    for (auto [body, expected] : {
             std::pair{R"({"message":"404 Project Not Found"})", "404 Project Not Found"},
             {R"({"message":["Another open merge request already exists: !1"]})",
              "Another open merge request already exists: !1"},
             {R"({"message":{"base":["No."],"title":["is too long"]}})", "No.: is too long"},
             {R"({"error":"title is missing"})", "title is missing"},
             {R"({"error":"insufficient_scope","error_description":"More is needed."})", "More is needed"},
             {R"({"message":"token has no scope","url":"https://x/api/swagger"})", "token has no scope"},
             {R"({"errors":["one","two"],"message":"Validation"})", "Validation: one: two"},
             {R"([1])", ""},
             {"<html>", ""},
         })
        EXPECT_EQ(words_in(reply(400, body)), expected) << body;
    EXPECT_LE(words_in(reply(400, R"({"message":")" + std::string(5000, 'x') + "\"}")).size(),
              limits::forge_words_bytes + 10);
    EXPECT_FALSE(words_in(reply(400, R"({"message":"a\u001b[31mb"})")).contains('\x1b')) << "it goes to a terminal";
}

TEST(reply_trouble, says_what_comes_of_a_status) {
    using enum trouble::kind;
    for (auto [status, expected] : {std::pair{400, refused},
                                    {403, denied},
                                    {404, denied},
                                    {405, refused},
                                    {406, refused},
                                    {409, refused},
                                    {422, refused},
                                    {429, away},
                                    {500, away},
                                    {502, away},
                                    {503, away},
                                    {301, denied},
                                    {307, denied}})
        EXPECT_EQ(of(status).what, expected) << status;
    EXPECT_EQ(of(422, R"({"message":"Branch cannot be merged"})").sentence,
              "GitLab does not merge it (422): Branch cannot be merged.");
    EXPECT_EQ(of(403, R"({"error":"insufficient_scope","error_description":"More is needed."})").sentence,
              "GitLab does not let this token merge it: More is needed. It needs scope `api`.");
    EXPECT_TRUE(of(405, R"({"message":"Non GET methods are not allowed for moved projects"})")
                    .sentence.contains("renamed or moved"));
    EXPECT_EQ(trouble_of(here, {refusal::kind::unreached, "no way"}).what, away);
    EXPECT_EQ(trouble_of(here, {refusal::kind::wrong_token, {}, 401}).what, denied);
    EXPECT_EQ(no_answer(here).what, away) << "it may have been carried out";
}

TEST(reply_trouble, waits_as_long_as_the_forge_says_within_bounds) {
    EXPECT_EQ(of(429, "{}", {{"Retry-After", "7"}}).retry_after, 7s);
    EXPECT_EQ(of(429).retry_after, limits::forge_retry_default);
    EXPECT_EQ(of(429, "{}", {{"Retry-After", "999999"}}).retry_after, limits::forge_retry_most);
    EXPECT_EQ(of(429, "{}", {{"Retry-After", "soon"}}).retry_after, limits::forge_retry_default);
    EXPECT_EQ(of(403, "{}", {{"Retry-After", "5"}}).what, trouble::kind::away) << "a second limit, not a right";
    EXPECT_FALSE(of(502).retry_after);
}

TEST(reply_trouble, reads_times_with_fractions_and_offsets) {
    const time_point noon{1796040000s};
    EXPECT_EQ(any_time_in("2026-11-30T12:00:00Z"), noon);
    EXPECT_EQ(any_time_in("2026-11-30T12:00:00.123Z"), noon);
    EXPECT_EQ(any_time_in("2026-11-30T13:30:00+01:30"), noon);
    EXPECT_EQ(any_time_in("2026-11-30T04:00:00.5-08:00"), noon);
    for (const auto* none : {"", "noon", "2026-11-30", "2026-11-30T12:00:00", "2026-11-30T12:00:00~01:00"})
        EXPECT_FALSE(any_time_in(none)) << none;
}
