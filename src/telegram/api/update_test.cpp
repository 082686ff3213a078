#include "telegram/api/limits.hpp"
#include "telegram/api/update.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;

namespace {

constexpr auto ann = R"({"id":501,"is_bot":false,"first_name":"Ann","username":"ann","language_code":"ru"})";
constexpr auto bot = R"({"id":99,"is_bot":true,"first_name":"Persais","username":"persais_bot"})";
constexpr auto alone = R"({"id":501,"type":"private","first_name":"Ann"})";
constexpr auto forum = R"({"id":-1001234567890123,"type":"supergroup","title":"Team","is_forum":true})";

/// A message as Telegram sends it; `rest` is members, each with a comma before it.
std::string in(std::string_view chat, std::string_view rest) {
    return fmt::format(R"({{"message_id":7,"from":{},"chat":{},"date":1790000000{}}})", ann, chat, rest);
}
std::string of(std::string_view kind, std::string_view what) {
    return fmt::format(R"({{"update_id":812345678,"{}":{}}})", kind, what);
}
message read_message(std::string_view chat, std::string_view rest) {
    auto u = read_update(of("message", in(chat, rest)));
    EXPECT_TRUE(u && std::holds_alternative<message>(u->what)) << rest;
    return u && std::holds_alternative<message>(u->what) ? std::get<message>(u->what) : message{};
}
std::string unclear(std::string_view body) {
    auto u = read_update(body);
    if (!u) return "nothing";
    auto* o = std::get_if<other>(&u->what);
    return o && !o->understood ? o->why : "understood";
}

} // namespace

TEST(update, a_message_of_a_person) {
    auto u = read_update(of("message", in(alone, R"(,"text":"fix the login")")));
    ASSERT_TRUE(u);
    EXPECT_EQ(u->id, 812345678);
    auto m = std::get<message>(u->what);
    EXPECT_EQ(m.id, 7);
    EXPECT_EQ(m.where, (chat{501, chat::kind::one_person, "", false}));
    EXPECT_EQ(m.from, (person{501, "Ann", "ann", "ru", false}));
    EXPECT_EQ(m.date, 1790000000);
    EXPECT_EQ(m.text, "fix the login");
    EXPECT_EQ(m.topic, std::nullopt);
    EXPECT_FALSE(m.reply || m.forwarded || m.attached || m.elsewhere || m.behalf);
}

TEST(update, a_message_in_a_topic_answers_nobody_by_that) {
    auto m = read_message(forum, R"(,"text":"a","is_topic_message":true,"message_thread_id":40,
        "reply_to_message":{"message_id":40,"date":1,"chat":{"id":-1001234567890123,"type":"supergroup"},
                            "from":{"id":99,"is_bot":true,"first_name":"P"},"forum_topic_created":{"name":"t"}})");
    EXPECT_EQ(m.where.id, -1001234567890123);
    EXPECT_TRUE(m.where.is_forum);
    EXPECT_EQ(m.topic, 40);
    EXPECT_FALSE(m.reply);
}

TEST(update, a_thread_of_replies_is_no_topic) {
    EXPECT_EQ(
        read_message(R"({"id":-5,"type":"supergroup","title":"T"})", R"(,"text":"a","message_thread_id":40)").topic,
        std::nullopt);
}

TEST(update, a_reply_with_the_part_that_was_picked) {
    auto m = read_message(alone, fmt::format(R"(,"text":"why?","reply_to_message":{{"message_id":5,"from":{},"chat":{},
        "date":1,"text":"tests red"}},"quote":{{"text":"red","position":6,"is_manual":true}})",
                                             bot, alone));
    ASSERT_TRUE(m.reply);
    EXPECT_EQ(m.reply->id, 5);
    EXPECT_TRUE(m.reply->from->is_bot);
    EXPECT_EQ(m.reply->text, "tests red");
    EXPECT_EQ(m.reply->quote, "red");
}

TEST(update, a_quote_that_the_server_added_is_none) {
    auto m =
        read_message(alone, R"(,"text":"a","reply_to_message":{"message_id":5},"quote":{"text":"red","position":0})");
    EXPECT_EQ(m.reply->quote, "");
}

TEST(update, a_reply_to_a_message_of_another_chat) {
    auto m = read_message(alone, R"(,"text":"do this","external_reply":{"origin":{"type":"hidden_user"},
        "document":{"file_id":"x","file_name":"a.txt"}},"quote":{"text":"as here","position":0,
        "entities":[{"type":"text_link","offset":3,"length":4,"url":"https://a.example"}]})");
    EXPECT_FALSE(m.reply);
    ASSERT_TRUE(m.elsewhere);
    EXPECT_EQ(m.elsewhere->quote, "as here (https://a.example)");
    EXPECT_EQ(m.elsewhere->attached->name, "a.txt");
}

TEST(update, addresses_behind_text_are_spelled_out) {
    constexpr auto marks = R"([{"type":"text_link","offset":0,"length":4,"url":"https://a.example"}])";
    EXPECT_EQ(read_message(alone, fmt::format(R"(,"text":"this","entities":{})", marks)).text,
              "this (https://a.example)");
    EXPECT_EQ(read_message(alone, fmt::format(R"(,"caption":"this","caption_entities":{})", marks)).text,
              "this (https://a.example)");
    auto m = read_message(
        alone, fmt::format(R"(,"text":"a","reply_to_message":{{"message_id":5,"text":"that","entities":{}}})", marks));
    EXPECT_EQ(m.reply->text, "that (https://a.example)");
}

TEST(update, marks_of_text_and_of_captions) {
    auto m = read_message(alone, R"(,"text":"/ask@persais_bot why",
        "entities":[{"type":"bot_command","offset":0,"length":16},{"type":"text_mention","offset":17,"length":3,
        "user":{"id":99,"first_name":"P","is_bot":true}},{"type":"bold","offset":-1,"length":2},{"offset":1},7])");
    ASSERT_EQ(m.marks.size(), 2U) << "those that are nonsense are left out";
    EXPECT_EQ(m.marks[0], (mark{"bot_command", 0, 16, std::nullopt}));
    EXPECT_EQ(m.marks[1].user, 99);
    m = read_message(alone,
                     R"(,"caption":"@persais_bot look","caption_entities":[{"type":"mention","offset":0,"length":12}],
        "photo":[{"file_id":"x"}],"media_group_id":"1337")");
    EXPECT_EQ(m.text, "@persais_bot look");
    EXPECT_EQ(m.marks.size(), 1U);
    EXPECT_EQ(m.attached->what, attachment::kind::photo);
    EXPECT_EQ(m.album, "1337");
}

TEST(update, what_is_attached) {
    auto kind = [](std::string_view rest) { return read_message(alone, rest).attached->what; };
    EXPECT_EQ(kind(R"(,"voice":{"file_id":"x","duration":3})"), attachment::kind::voice);
    EXPECT_EQ(kind(R"(,"sticker":{"file_id":"x"})"), attachment::kind::other);
    EXPECT_EQ(kind(R"(,"animation":{"file_id":"x"},"document":{"file_id":"x"})"), attachment::kind::other);
    EXPECT_EQ(read_message(alone, R"(,"document":{"file_id":"x","file_name":"трасса.log","file_size":7},"caption":"a")")
                  .attached,
              (attachment{attachment::kind::document, "x", "трасса.log", 7}));
    auto m = read_message(alone, R"(,"text":"a","reply_to_message":{"message_id":5,"document":{"file_id":"y"}})");
    EXPECT_EQ(m.reply->attached, (attachment{attachment::kind::document, "y", "", std::nullopt}));
    EXPECT_EQ(m.attached, std::nullopt);
    EXPECT_TRUE(read_message(alone, R"(,"forward_origin":{"type":"hidden_user"},"text":"a")").forwarded);
}

TEST(update, in_the_name_of_a_chat) {
    auto m = read_message(forum, R"(,"text":"a","sender_chat":{"id":-1001234567890123,"type":"supergroup"})");
    EXPECT_EQ(m.behalf, -1001234567890123);
}

TEST(update, a_group_that_moved) {
    auto m = read_message(R"({"id":-5,"type":"group","title":"T"})", R"(,"migrate_to_chat_id":-1009876543210)");
    EXPECT_EQ(m.where.what, chat::kind::group);
    EXPECT_EQ(m.migrated_to, -1009876543210);
    EXPECT_EQ(read_message(forum, R"(,"migrate_from_chat_id":-5)").migrated_from, -5);
}

TEST(update, an_edit) {
    auto u = read_update(of("edited_message", in(alone, R"(,"text":"fix the logout","edit_date":1790000009)")));
    ASSERT_TRUE(u && std::holds_alternative<edited>(u->what));
    EXPECT_EQ(std::get<edited>(u->what).now.text, "fix the logout");
}

TEST(update, a_press_on_a_button) {
    auto message = in(forum, R"(,"is_topic_message":true,"message_thread_id":40)");
    auto u = read_update(
        of("callback_query",
           fmt::format(R"({{"id":"4382","from":{},"message":{},"chat_instance":"1","data":"tok"}})", ann, message)));
    ASSERT_TRUE(u && std::holds_alternative<callback_query>(u->what));
    auto p = std::get<callback_query>(u->what);
    EXPECT_EQ(p.id, "4382");
    EXPECT_EQ(p.from.id, 501);
    EXPECT_EQ(p.data, "tok");
    EXPECT_EQ(p.where->id, -1001234567890123);
    EXPECT_EQ(p.message, 7);
    EXPECT_EQ(p.topic, 40);
}

TEST(update, a_press_under_a_message_that_is_gone) {
    auto u = read_update(of("callback_query", fmt::format(R"({{"id":"1","from":{},"message":{{"chat":{},"message_id":7,
        "date":0}},"data":"tok"}})",
                                                          ann, alone)));
    ASSERT_TRUE(u && std::holds_alternative<callback_query>(u->what));
    EXPECT_EQ(std::get<callback_query>(u->what).message, 7);
    u = read_update(of("callback_query", fmt::format(R"({{"id":"1","from":{},"inline_message_id":"x"}})", ann)));
    ASSERT_TRUE(u && std::holds_alternative<callback_query>(u->what));
    EXPECT_EQ(std::get<callback_query>(u->what).where, std::nullopt);
}

TEST(update, a_person_who_blocks_the_bot) {
    auto u = read_update(of("my_chat_member", fmt::format(R"({{"chat":{},"from":{},"date":1,
        "old_chat_member":{{"user":{},"status":"member"}},"new_chat_member":{{"user":{},"status":"kicked"}}}})",
                                                          alone, ann, bot, bot)));
    ASSERT_TRUE(u && std::holds_alternative<membership>(u->what));
    EXPECT_EQ(std::get<membership>(u->what).before, "member");
    EXPECT_EQ(std::get<membership>(u->what).now, "kicked");
}

TEST(update, a_kind_of_no_use_is_named) {
    auto u = read_update(R"({"update_id":3,"poll":{"id":"1"}})");
    ASSERT_TRUE(u);
    EXPECT_EQ(u->id, 3);
    EXPECT_EQ(std::get<other>(u->what), (other{"poll", true}));
}

TEST(update, what_cannot_be_understood_keeps_its_number) {
    EXPECT_EQ(unclear(of("message", R"({"message_id":1})")), "message without what it must have");
    EXPECT_EQ(unclear(of("message", R"({"message_id":"1","chat":{"id":1.5}})")), "message without what it must have");
    EXPECT_EQ(unclear(of("callback_query", R"({"id":"1"})")), "callback_query without what it must have");
    EXPECT_EQ(unclear(R"({"update_id":3})"), "empty");
    EXPECT_NE(unclear("{\"update_id\":3,\"message\":{\"text\":\"\xff\"}}"), "understood");
    EXPECT_NE(unclear(R"({"update_id":3,"message":)"), "understood");
    EXPECT_EQ(read_update(R"({"update_id":3,"message":{"te)")->id, 3);
}

TEST(update, without_a_number_it_is_none) {
    for (auto* body :
         {"", "null", "[]", "{}", "17", R"({"update_id":"3"})", R"({"update_id":3.5})", R"({"update_id":1e3})",
          R"({"update_id":99999999999999999999})", R"({"message":{"update_id":3}})", "\xff\xfe"})
        EXPECT_EQ(unclear(body), "nothing") << body;
}

TEST(update, nested_to_the_limit_and_no_further) {
    auto nested = [](std::size_t levels) { // the object itself is one level
        return fmt::format(R"({{"update_id":3,"poll":{}1{}}})", std::string(levels - 1, '['),
                           std::string(levels - 1, ']'));
    };
    EXPECT_EQ(unclear(nested(limits::telegram_json_depth)), "understood");
    EXPECT_EQ(unclear(nested(limits::telegram_json_depth + 1)), "nested too deeply");
    EXPECT_EQ(unclear(nested(200'000)), "nested too deeply");
}

TEST(update, no_larger_than_the_limit) {
    auto large = [](std::size_t bytes) {
        auto body = of("message", in(alone, R"(,"text":"")"));
        return body.insert(body.find(R"(":"")") == body.npos ? 0 : body.rfind("\"\"") + 1, bytes - body.size(), 'a');
    };
    EXPECT_EQ(unclear(large(limits::telegram_update_bytes)), "understood");
    EXPECT_EQ(unclear(large(limits::telegram_update_bytes + 1)), "too large");
}

TEST(update, nul_is_shown_and_marks_still_fit) {
    EXPECT_EQ(read_message(alone, R"(,"text":"a\u0000b")").text, "a\xEF\xBF\xBD"
                                                                 "b");
}
