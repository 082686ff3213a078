#include "telegram/api/addressee.hpp"

#include <gtest/gtest.h>

using namespace persais::telegram;

namespace {

const bot me{99, "persais_bot"};

message in(chat::kind where, std::string text, std::vector<mark> marks = {}) {
    return {.id = 7,
            .where = {.id = 1, .what = where},
            .from = person{501},
            .text = std::move(text),
            .marks = std::move(marks)};
}
message alone(std::string text) {
    return in(chat::kind::one_person, std::move(text));
}
message group(std::string text, std::vector<mark> marks = {}) {
    return in(chat::kind::supergroup, std::move(text), std::move(marks));
}
std::string asked(const message& m) {
    auto a = read_addressed(m, me);
    if (!a) return "(not meant)";
    return a->command ? "/" + a->command->name : a->text;
}

} // namespace

TEST(address, alone_with_a_person_everything_is_meant) {
    EXPECT_EQ(asked(alone("fix the login")), "fix the login");
    EXPECT_EQ(asked(alone("/frobnicate")), "/frobnicate");
    EXPECT_EQ(asked(alone("/status@persais_bot")), "/status");
    EXPECT_EQ(asked(alone("")), "");
}

TEST(address, a_command_to_another_bot_never_is) {
    EXPECT_EQ(asked(alone("/status@other_bot")), "(not meant)");
    EXPECT_EQ(asked(group("/status@other_bot")), "(not meant)");
    EXPECT_EQ(asked(group("/status@other_bot @persais_bot", {{"mention", 18, 12, {}}})), "(not meant)");
}

TEST(address, talk_of_a_group_is_not) {
    EXPECT_EQ(asked(group("shall we fix the login?")), "(not meant)");
    EXPECT_EQ(asked(group("@somebody fix it", {{"mention", 0, 9, {}}})), "(not meant)");
    EXPECT_EQ(asked(group("a@persais_bot.example")), "(not meant)") << "the client marked no mention";
}

TEST(address, a_name_before_or_behind_is_no_part_of_what_is_asked) {
    EXPECT_EQ(asked(group("@persais_bot fix it", {{"mention", 0, 12, {}}})), "fix it");
    EXPECT_EQ(asked(group("@Persais_Bot, fix it", {{"mention", 0, 12, {}}})), "fix it");
    EXPECT_EQ(asked(group("🚀 fix it @persais_bot ", {{"mention", 10, 12, {}}})), "🚀 fix it");
    EXPECT_EQ(asked(group("tell @persais_bot to fix it", {{"mention", 5, 12, {}}})), "tell @persais_bot to fix it");
    EXPECT_EQ(asked(group("@persais_bot", {{"mention", 0, 12, {}}})), "");
    EXPECT_EQ(asked(group("Bot: fix it", {{"text_mention", 0, 3, 99}})), "fix it");
    EXPECT_EQ(asked(group("Bot: fix it", {{"text_mention", 0, 3, 98}})), "(not meant)");
}

TEST(address, a_mark_that_does_not_fit_names_nobody) {
    for (auto m : {mark{"mention", 1, 12, {}}, mark{"mention", 0, 99, {}}, mark{"mention", 99, 1, {}},
                   mark{"text_mention", 1, 1, 99}})
        EXPECT_EQ(asked(group("🚀@persais_bot", {m})), "(not meant)");
}

TEST(address, an_answer_to_the_bot_is_meant) {
    auto m = group("now the logout");
    m.reply = answered_to{.id = 5, .from = person{.id = 99, .is_bot = true}};
    EXPECT_EQ(asked(m), "now the logout");
    m.reply->from->id = 98;
    EXPECT_EQ(asked(m), "(not meant)");
    m.reply->from.reset();
    EXPECT_EQ(asked(m), "(not meant)");
}

TEST(address, commands_in_a_group) {
    EXPECT_EQ(asked(group("/status")), "/status");
    EXPECT_EQ(asked(group("/status@persais_bot")), "/status");
    EXPECT_EQ(asked(group("/frobnicate")), "(not meant)") << "another bot's, probably";
    EXPECT_EQ(asked(group("/frobnicate@persais_bot")), "/frobnicate");
    EXPECT_EQ(asked(group("@persais_bot /status", {{"mention", 0, 12, {}}})), "/status");
}
