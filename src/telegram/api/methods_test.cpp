#include "telegram/api/limits.hpp"
#include "telegram/api/methods.hpp"
#include "telegram/api/utf16.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;
namespace json = boost::json;

namespace {

void expect_is(const json::object& made, std::string_view expected) {
    EXPECT_EQ(json::value(made), json::parse(expected)) << json::serialize(made);
}

} // namespace

TEST(methods, send_message_with_all_it_can_have) {
    styled text{"Ready: main.cpp, look",
                {{style::bold, 0, 5}, {style::code, 7, 8}, {style::text_link, 17, 4, "https://x/y"}}};
    expect_is(send_message({-1001, 40}, text, {{{"Diff", "tok1"}, {"Log", "tok2"}}, {{"Branch", "", "https://x/b"}}},
                           {.answer_to = 7, .silent = true}),
              R"({"chat_id":-1001,"message_thread_id":40,"text":"Ready: main.cpp, look",
                  "entities":[{"type":"bold","offset":0,"length":5},{"type":"code","offset":7,"length":8},
                              {"type":"text_link","offset":17,"length":4,"url":"https://x/y"}],
                  "link_preview_options":{"is_disabled":true},
                  "reply_markup":{"inline_keyboard":[[{"text":"Diff","callback_data":"tok1"},{"text":"Log","callback_data":"tok2"}],
                                                     [{"text":"Branch","url":"https://x/b"}]]},
                  "disable_notification":true,
                  "reply_parameters":{"message_id":7,"allow_sending_without_reply":true}})");
}

TEST(methods, send_message_with_only_what_it_must_have) {
    expect_is(send_message({501, {}}, {"hello", {}}, {}),
              R"({"chat_id":501,"text":"hello","link_preview_options":{"is_disabled":true}})");
}

TEST(methods, the_language_of_a_block) {
    auto o = send_message({501, {}}, {"+a b", {{style::pre, 0, 2, "diff"}, {style::pre, 3, 1}}}, {});
    EXPECT_EQ(o.at("entities"), json::parse(R"([{"type":"pre","offset":0,"length":2,"language":"diff"},
                                                 {"type":"pre","offset":3,"length":1}])"));
}

TEST(methods, an_edit_without_buttons_takes_them_away) {
    expect_is(edit_message_text(501, 7, {"done", {}}, {}),
              R"({"chat_id":501,"message_id":7,"text":"done","link_preview_options":{"is_disabled":true},
                  "reply_markup":{"inline_keyboard":[]}})");
    expect_is(
        edit_message_reply_markup(501, 7, {{{"Log", "t"}}}),
        R"({"chat_id":501,"message_id":7,"reply_markup":{"inline_keyboard":[[{"text":"Log","callback_data":"t"}]]}})");
}

TEST(methods, an_answer_to_a_press_keeps_to_its_limit) {
    expect_is(answer_callback_query("4382", "Too late.", true),
              R"({"callback_query_id":"4382","text":"Too late.","show_alert":true})");
    expect_is(answer_callback_query("4382", ""), R"({"callback_query_id":"4382"})");
    std::string rockets;
    for (int i = 0; i < 150; ++i)
        rockets += "🚀";
    auto said = answer_callback_query("1", rockets);
    EXPECT_EQ(said.at("text").as_string().size(), limits::telegram_notice_units / 2 * 4);
}

TEST(methods, a_file_with_its_caption) {
    expect_is(send_document({501, {}}, {"Task 17", {{style::bold, 0, 7}}}, {{{"Log", "t"}}}, {.answer_to = 7}),
              R"({"chat_id":501,"caption":"Task 17","caption_entities":[{"type":"bold","offset":0,"length":7}],
                  "disable_content_type_detection":true,
                  "reply_markup":{"inline_keyboard":[[{"text":"Log","callback_data":"t"}]]},
                  "reply_parameters":{"message_id":7,"allow_sending_without_reply":true}})");
}

TEST(methods, a_caption_is_cut_to_what_telegram_takes) {
    auto sent = send_document({501, {}}, {std::string(3000, 'x'), {{style::bold, 0, 3000}}}, {});
    EXPECT_EQ(units(std::string(sent.at("caption").as_string())), limits::telegram_caption_units);
    EXPECT_LE(sent.at("caption_entities").as_array().at(0).at("length").to_number<std::size_t>(),
              limits::telegram_caption_units);
}

TEST(methods, commands_of_everybody_and_of_one_chat) {
    expect_is(set_my_commands({{"help", "what I can do"}}, {}, ""),
              R"({"commands":[{"command":"help","description":"what I can do"}],"scope":{"type":"default"}})");
    expect_is(set_my_commands({{"help", "что я умею"}}, {.chat = 501}, "ru"),
              R"({"commands":[{"command":"help","description":"что я умею"}],"scope":{"type":"chat","chat_id":501},
                  "language_code":"ru"})");
}

TEST(methods, no_update_is_ever_dropped) {
    expect_is(set_webhook("https://x/telegram/webhook", secret("s3")),
              R"({"url":"https://x/telegram/webhook","secret_token":"s3",
                  "allowed_updates":["message","edited_message","callback_query","my_chat_member"]})");
    expect_is(delete_webhook(), R"({"drop_pending_updates":false})");
    expect_is(
        get_updates(18, std::chrono::seconds(50)),
        R"({"timeout":50,"limit":100,"offset":18,"allowed_updates":["message","edited_message","callback_query","my_chat_member"]})");
    EXPECT_FALSE(get_updates({}, std::chrono::seconds(0)).contains("offset"));
}

TEST(methods, the_small_ones) {
    expect_is(delete_message(501, 7), R"({"chat_id":501,"message_id":7})");
    expect_is(send_chat_action({-1001, 40}), R"({"chat_id":-1001,"message_thread_id":40,"action":"typing"})");
    expect_is(get_me(), "{}");
}
