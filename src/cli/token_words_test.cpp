#include "cli/token_words.hpp"

#include <cstdlib>

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
using namespace std::chrono_literals;

namespace {

const time_point noon{std::chrono::seconds(1'800'000'000)}; // 2027-01-15 08:00:00 UTC

struct listed_tokens : ::testing::Test {
    void SetUp() override {
        for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
            ::unsetenv(name);
        ::setenv("TZ", "UTC", 1);
    }
    void TearDown() override { SetUp(); }
    static std::string line(const queue::api_token& one) { return token_words({one}, noon); }
};

queue::api_token laptop() {
    return {.id = 3, .name = "laptop", .person = 11, .scopes = {"read", "submit"}, .made_by = "5", .made = noon - 48h};
}

} // namespace

TEST_F(listed_tokens, say_of_each_whose_it_is_what_it_opens_and_how_it_stands) {
    auto one = laptop();
    EXPECT_EQ(line(one), "3  laptop  11  read,submit  never used\n");
    one.person.reset();
    EXPECT_EQ(line(one), "3  laptop  terminal  read,submit  never used\n");
    one.used = noon - 3h;
    EXPECT_EQ(line(one), "3  laptop  terminal  read,submit  used 3 h ago\n");
    one.expires = noon + 1h;
    EXPECT_EQ(line(one), "3  laptop  terminal  read,submit  used 3 h ago, expires 2027-01-15 09:00\n");
    one.expires = noon;
    EXPECT_EQ(line(one), "3  laptop  terminal  read,submit  expired 2027-01-15 08:00\n") << "from that moment on";
    one.revoked = noon - 24h;
    EXPECT_EQ(line(one), "3  laptop  terminal  read,submit  revoked 2027-01-14 08:00\n") << "somebody decided that";
}

TEST_F(listed_tokens, are_a_line_each_and_without_any_a_line_says_how_one_is_made) {
    auto other = laptop();
    other.id = 4;
    EXPECT_EQ(token_words({laptop(), other}, noon),
              "3  laptop  11  read,submit  never used\n4  laptop  11  read,submit  never used\n");
    EXPECT_TRUE(token_words({}, noon).contains("`persais token add NAME --scope read,submit`"));
}

TEST_F(listed_tokens, speak_the_tongue_of_the_terminal) {
    ::setenv("LANG", "ru_RU.UTF-8", 1);
    auto one = laptop();
    one.expires = noon + 1h;
    EXPECT_EQ(line(one), "3  laptop  11  read,submit  не использован, истекает 2027-01-15 09:00\n");
    one.revoked = noon;
    EXPECT_EQ(line(one), "3  laptop  11  read,submit  отозван 2027-01-15 08:00\n");
    EXPECT_TRUE(token_words({}, noon).starts_with("Токенов нет:"));
}

TEST_F(listed_tokens, show_no_characters_that_a_terminal_would_obey) {
    auto one = laptop(); // of an older version, or of somebody with the database
    one.name = "lap\x1b[2J\x9btop\r4  root";
    auto shown = line(one);
    EXPECT_FALSE(shown.contains('\x1b') || shown.contains('\r') || shown.contains('\x9b')) << shown;
}

TEST_F(listed_tokens, for_a_program_have_each_value_and_null_where_there_is_none) {
    auto one = laptop();
    auto made = token_json(one);
    EXPECT_EQ(boost::json::serialize(made),
              R"({"event":"token","id":3,"name":"laptop","person":"11","scopes":["read","submit"],"made_by":"5",)"
              R"("made":"2027-01-13T08:00:00.000Z","expires":null,"used":null,"revoked":null})");
    one.person.reset();
    one.expires = one.used = one.revoked = noon;
    made = token_json(one);
    EXPECT_EQ(made.at("person").as_string(), "terminal");
    for (const char* each : {"expires", "used", "revoked"})
        EXPECT_EQ(made.at(each).as_string(), "2027-01-15T08:00:00.000Z") << each;
    ::setenv("LANG", "ru_RU.UTF-8", 1);
    EXPECT_EQ(boost::json::serialize(token_json(one)), boost::json::serialize(made)) << "which has no tongue";
}
