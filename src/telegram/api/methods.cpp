#include "telegram/api/methods.hpp"

#include "base/text.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/utf16.hpp"

#include <array>

#include <boost/json.hpp>

namespace persais::telegram {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 4> wanted{"message", "edited_message", "callback_query", "my_chat_member"};

json::array entities_of(const styled& t) {
    json::array all;
    for (const auto& e : t.entities) {
        json::object o{{"type", to_string(e.what)}, {"offset", e.offset}, {"length", e.length}};
        if (e.what == style::pre && !e.extra.empty()) o["language"] = e.extra;
        if (e.what == style::text_link) o["url"] = e.extra;
        all.push_back(std::move(o));
    }
    return all;
}

json::object markup_of(const keyboard& keys) {
    json::array rows;
    for (const auto& row : keys) {
        json::array buttons;
        for (const auto& k : row) {
            json::object b{{"text", k.label}};
            if (k.url.empty())
                b["callback_data"] = text::cut(k.data, limits::telegram_data_bytes);
            else
                b["url"] = k.url;
            buttons.push_back(std::move(b));
        }
        if (!buttons.empty()) rows.push_back(std::move(buttons));
    }
    return {{"inline_keyboard", std::move(rows)}};
}

json::object at(const place& to) {
    json::object o{{"chat_id", to.chat}};
    if (to.topic) o["message_thread_id"] = *to.topic;
    return o;
}

void add(json::object& o, const keyboard& keys, const send_options& how) {
    if (!keys.empty()) o["reply_markup"] = markup_of(keys);
    if (how.silent) o["disable_notification"] = true;
    if (how.answer_to) o["reply_parameters"] = {{"message_id", *how.answer_to}, {"allow_sending_without_reply", true}};
}

json::array wanted_array() {
    json::array all;
    for (auto kind : wanted)
        all.emplace_back(kind);
    return all;
}

} // namespace

std::span<const std::string_view> wanted_updates() {
    return wanted;
}

json::object send_message(const place& to, const styled& text, const keyboard& keys, send_options how) {
    auto o = at(to);
    o["text"] = text.text;
    if (!text.entities.empty()) o["entities"] = entities_of(text);
    o["link_preview_options"] = {{"is_disabled", true}};
    add(o, keys, how);
    return o;
}

json::object edit_message_text(std::int64_t chat, std::int64_t message, const styled& text, const keyboard& keys) {
    json::object o{{"chat_id", chat}, {"message_id", message}, {"text", text.text}};
    if (!text.entities.empty()) o["entities"] = entities_of(text);
    o["link_preview_options"] = {{"is_disabled", true}};
    o["reply_markup"] = markup_of(keys);
    return o;
}

json::object edit_message_reply_markup(std::int64_t chat, std::int64_t message, const keyboard& keys) {
    return {{"chat_id", chat}, {"message_id", message}, {"reply_markup", markup_of(keys)}};
}

json::object answer_callback_query(std::string_view press, std::string_view words, bool alert) {
    json::object o{{"callback_query_id", press}};
    if (!words.empty()) o["text"] = first_units(words, limits::telegram_notice_units);
    if (alert) o["show_alert"] = true;
    return o;
}

json::object delete_message(std::int64_t chat, std::int64_t message) {
    return {{"chat_id", chat}, {"message_id", message}};
}

json::object send_chat_action(const place& to) {
    auto o = at(to);
    o["action"] = "typing";
    return o;
}

json::object send_document(const place& to, const styled& caption, const keyboard& keys, send_options how) {
    auto o = at(to);
    auto kept =
        truncated(caption, limits::telegram_caption_units); // a longer caption would be refused, together with the file
    if (!kept.text.empty()) o["caption"] = kept.text;
    if (!kept.entities.empty()) o["caption_entities"] = entities_of(kept);
    o["disable_content_type_detection"] = true;
    add(o, keys, how);
    return o;
}

json::object set_my_commands(const std::vector<command_help>& all, command_scope whom, std::string_view language) {
    json::array list;
    for (const auto& c : all)
        list.push_back(json::object{{"command", c.name}, {"description", c.description}});
    json::object scope{{"type", whom.chat ? "chat" : "default"}};
    if (whom.chat) scope["chat_id"] = *whom.chat;
    json::object o{{"commands", std::move(list)}, {"scope", std::move(scope)}};
    if (!language.empty()) o["language_code"] = language;
    return o;
}

json::object set_webhook(std::string_view url, const secret& shown) {
    return {{"url", url}, {"secret_token", shown.reveal()}, {"allowed_updates", wanted_array()}};
}

json::object delete_webhook() {
    return {{"drop_pending_updates", false}};
}

json::object get_updates(std::optional<std::int64_t> offset, std::chrono::seconds wait) {
    json::object o{{"timeout", wait.count()}, {"limit", limits::poll_updates}, {"allowed_updates", wanted_array()}};
    if (offset) o["offset"] = *offset;
    return o;
}

json::object get_me() {
    return {};
}

} // namespace persais::telegram
