#include "config/limits.hpp"
#include "config/redactor.hpp"
#include "config/row_value.hpp"

#include <gtest/gtest.h>

using namespace persais::config;
using persais::secret;

namespace {

/// Every secret setting has a unique value that no ordinary text contains.
settings with_canaries() {
    settings s;
    int number = 0;
    for (const auto& each : table())
        if (const auto* is = std::get_if<hidden>(&each.is))
            s.*is->to = secret("canary-" + std::to_string(++number) + "/+=&?ü\"\\%" + std::string(each.name));
    return s;
}

settings with_database(const std::string& url) {
    settings s;
    s.database_url = secret(url);
    return s;
}

} // namespace

TEST(redactor, masks_every_secret_setting_wherever_it_stands) {
    auto s = with_canaries();
    redactor hide(s);
    int seen = 0;
    for (const auto& each : table())
        if (const auto* is = std::get_if<hidden>(&each.is)) {
            auto value = (s.*is->to).reveal();
            EXPECT_EQ(hide(value), "***");
            EXPECT_EQ(hide("a " + value + value + " b"), "a ****** b");
            ++seen;
        }
    EXPECT_GT(seen, 9);
}

TEST(redactor, masks_what_encoders_make_of_a_secret) {
    settings s;
    s.git_access_token = secret("a/b+c=d&e:f@g\"h\\i");
    redactor hide(s);
    for (auto form : {"a%2Fb%2Bc%3Dd%26e%3Af%40g%22h%5Ci", "a%2fb%2bc%3dd%26e%3af%40g%22h%5ci", "a/b+c=d&e:f@g%22h%5Ci",
                      R"(a/b+c=d&e:f@g\"h\\i)"})
        EXPECT_EQ(hide(std::string("x ") + form + " y"), "x *** y") << form;
}

TEST(redactor, masks_a_token_inside_an_authorization_header) {
    settings s;
    s.git_access_token = secret("twenty-characters-ab");
    redactor hide(s);
    // These are the output of printf 'x:twenty-characters-ab' | base64, with users of one to three letters before the
    // colon.
    for (auto header :
         {"eDp0d2VudHktY2hhcmFjdGVycy1hYg==", "eHk6dHdlbnR5LWNoYXJhY3RlcnMtYWI=", "eHl6OnR3ZW50eS1jaGFyYWN0ZXJzLWFi"}) {
        auto left = hide(header);
        EXPECT_NE(left.find("***"), left.npos) << header;
        EXPECT_LT(left.size(), 14U) << left;
    }
}

TEST(redactor, masks_a_database_password_apart_from_its_url) {
    redactor hide(with_database("postgresql://user:p%40ss%2Fword@host/db"));
    EXPECT_EQ(hide("FATAL: password p@ss/word refused"), "FATAL: password *** refused");
    EXPECT_EQ(hide("to p%40ss%2Fword@host"), "to ***@host");
    EXPECT_EQ(hide("at postgresql://user:p%40ss%2Fword@host/db now"), "at *** now");
    redactor words(with_database("host=h password='two words' dbname=d"));
    EXPECT_EQ(words("password two words refused"), "password *** refused");
}

TEST(redactor, a_short_password_is_masked_as_one_and_ordinary_words_stay) {
    redactor hide(with_database("postgresql://user:pass@host/db"));
    EXPECT_EQ(hide("postgresql://user:pass@other/db"), "postgresql://user***other/db");
    EXPECT_EQ(hide("password=pass port=1"), "*** port=1");
    EXPECT_EQ(hide("the checks passed"), "the checks passed");
}

TEST(redactor, masks_a_key_line_by_line) {
    settings s;
    for (auto end_of_line : {"\n", "\r\n", "\\n"}) { // the last is a backslash and an n, as in one line of .env
        std::string key = std::string("-----BEGIN SOME KEY-----") + end_of_line;
        for (char c = 'a'; c < 'f'; ++c)
            key += std::string(60, c) + end_of_line;
        s.git_ssh_key = secret(key + "-----END SOME KEY-----");
        redactor hide(s);
        EXPECT_EQ(hide("line: " + std::string(60, 'c')), "line: ***");
        EXPECT_EQ(hide("-----BEGIN SOME KEY----- is missing"), "-----BEGIN SOME KEY----- is missing");
    }
}

TEST(redactor, a_longer_secret_is_not_left_half_by_a_shorter_one) {
    settings s;
    s.git_access_token = secret("abcdef");
    s.openrouter_api_key = secret("abcdefghijkl");
    EXPECT_EQ(redactor(s)("abcdefghijkl"), "***");
}

TEST(redactor, goes_on_masking_what_was_replaced) {
    settings before, after;
    before.openrouter_api_key = secret("the-old-key");
    after.openrouter_api_key = secret("the-new-key");
    redactor hide(before);
    hide.add(after);
    EXPECT_EQ(hide("the-old-key the-new-key"), "*** ***");
}

TEST(redactor, masks_what_is_in_no_setting) {
    redactor hide;
    hide.add(secret("a-token-of-a-repository"));
    EXPECT_EQ(hide("x a-token-of-a-repository y"), "x *** y");
    hide.add(secret("short")); // too short: ordinary words would be masked
    EXPECT_EQ(hide("short"), "short");
}

TEST(redactor, without_secrets_changes_nothing) {
    EXPECT_EQ(redactor(settings{})("any text"), "any text");
    settings s;
    s.git_access_token = secret(std::string(persais::limits::redact_least_bytes - 1, 'e'));
    EXPECT_EQ(redactor(s)("eeeeeeee"), "eeeeeeee");
}
