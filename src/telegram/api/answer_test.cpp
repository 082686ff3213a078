#include "telegram/api/answer.hpp"

#include <gtest/gtest.h>

using namespace persais::telegram;
using namespace std::chrono_literals;

namespace {

answer refused(int code, std::string_view description, std::string_view parameters = "{}") {
    auto a = read_answer(fmt::format(R"({{"ok":false,"error_code":{},"description":"{}","parameters":{}}})", code,
                                     description, parameters));
    EXPECT_TRUE(a);
    return a.value_or(answer{});
}

} // namespace

TEST(answer, of_a_message_that_was_sent) {
    auto a = read_answer(R"({"ok":true,"result":{"message_id":41,"date":1,"chat":{"id":501}}})");
    ASSERT_TRUE(a && a->ok);
    EXPECT_EQ(sent_message(*a), 41);
    EXPECT_EQ(sent_message(*read_answer(R"({"ok":true,"result":true})")), std::nullopt);
}

TEST(answer, of_get_me) {
    auto a = read_answer(R"({"ok":true,"result":{"id":99,"is_bot":true,"first_name":"P","username":"persais_bot"}})");
    auto me = read_bot(*a);
    ASSERT_TRUE(me);
    EXPECT_EQ(me->id, 99);
    EXPECT_EQ(me->username, "persais_bot");
    EXPECT_FALSE(read_bot(*read_answer(R"({"ok":true,"result":{"id":99}})")));
}

TEST(answer, a_flood_limit_says_when) {
    auto a = refused(429, "Too Many Requests: retry after 7", R"({"retry_after":7})");
    EXPECT_FALSE(a.ok);
    EXPECT_EQ(a.retry_after, 7s);
    EXPECT_EQ(meaning(a), refusal::flood);
    EXPECT_EQ(refused(429, "x", R"({"retry_after":-1})").retry_after, std::nullopt);
    EXPECT_LE(refused(429, "x", R"({"retry_after":9223372036854775807})").retry_after, 24h * 366);
}

TEST(answer, a_group_that_moved_says_where) {
    auto a =
        refused(400, "Bad Request: group chat was upgraded to a supergroup chat", R"({"migrate_to_chat_id":-1001})");
    EXPECT_EQ(a.migrated_to, -1001);
    EXPECT_EQ(meaning(a), refusal::migrated);
}

TEST(answer, what_each_refusal_means) {
    EXPECT_EQ(
        meaning(refused(400, "Bad Request: message is not modified: specified new message content and reply markup are "
                             "exactly the same")),
        refusal::not_modified);
    EXPECT_EQ(meaning(refused(400, "Bad Request: message to edit not found")), refusal::message_gone);
    EXPECT_EQ(meaning(refused(400, "Bad Request: message can't be deleted for everyone")), refusal::message_gone);
    EXPECT_EQ(meaning(refused(400, "Bad Request: message thread not found")), refusal::topic_gone);
    EXPECT_EQ(meaning(refused(400, "Bad Request: TOPIC_CLOSED")), refusal::topic_gone);
    EXPECT_EQ(meaning(refused(400, "Bad Request: chat not found")), refusal::chat_gone);
    EXPECT_EQ(meaning(refused(403, "Forbidden: bot was blocked by the user")), refusal::chat_gone);
    EXPECT_EQ(
        meaning(refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")),
        refusal::too_late);
    EXPECT_EQ(meaning(refused(401, "Unauthorized")), refusal::token);
    EXPECT_EQ(meaning(refused(409, "Conflict: terminated by other getUpdates request")), refusal::conflict);
    EXPECT_EQ(meaning(refused(502, "Bad Gateway")), refusal::unwell);
    EXPECT_EQ(meaning(refused(400, "Bad Request: message text is empty")), refusal::wrong);
}

TEST(answer, what_is_none) {
    for (auto* body :
         {"", "<html>502 Bad Gateway</html>", "{}", "[]", R"({"ok":1})", R"({"ok":true})", R"({"ok":true,"result":)",
          R"({"ok":false,"error_code":)", "{\"ok\":false,\"description\":\"\xff\"}"})
        EXPECT_FALSE(read_answer(body)) << body;
}

TEST(answer, the_words_of_a_refusal_are_printable_and_short) {
    auto a = refused(400, "a\\u001b[31mb\\u0000" + std::string(10'000, 'c'));
    EXPECT_TRUE(a.description.starts_with("abccc"));
    EXPECT_LT(a.description.size(), 1000U);
}

TEST(answer, one_update_that_is_poison_does_not_spoil_the_others) {
    auto deep = std::string(100, '[') + std::string(100, ']');
    auto all = read_updates(R"({"ok":true,"result":[{"update_id":1,"message":{}},{"update_id":2,"poll":)" + deep +
                            "}, {\"update_id\":3,\"x\":\"\xff\"},{\"y\":1}]}");
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 4U);
    EXPECT_EQ((*all)[0].id, 1);
    EXPECT_EQ((*all)[0].body, R"({"update_id":1,"message":{}})");
    EXPECT_EQ((*all)[1].id, 2);
    EXPECT_EQ((*all)[2].id, 3);
    EXPECT_EQ((*all)[3].id, std::nullopt);
}

TEST(answer, updates_that_were_refused_or_cut) {
    auto none = read_updates(R"({"ok":false,"error_code":409,"description":"Conflict"})");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, 409);
    EXPECT_EQ(read_updates(R"({"ok":true,"result":[{"update_id":1},{"upd)").error(), answer{});
    EXPECT_EQ(read_updates(R"({"ok":true,"result":{}})").error(), answer{});
    EXPECT_TRUE(read_updates(R"({"ok":true,"result":[]})")->empty());
}
