#include "chat_world/telegram_model.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::chat_world {

namespace json = boost::json;
using telegram::answer;

namespace {

answer refused(std::string why) {
    return {.ok = false, .code = 400, .description = "Bad Request: " + std::move(why)};
}

std::int64_t number(const json::object& o, std::string_view key) {
    auto* v = o.if_contains(key);
    return v && v->is_int64() ? v->get_int64() : 0;
}

std::vector<std::string> buttons_of(const json::object& o) {
    std::vector<std::string> all;
    if (auto* markup = o.if_contains("reply_markup"))
        for (const auto& row : markup->at("inline_keyboard").as_array())
            for (const auto& each : row.as_array())
                if (auto* data = each.as_object().if_contains("callback_data")) all.emplace_back(data->as_string());
    return all;
}

json::object person_of(std::int64_t id) {
    return {{"id", id}, {"is_bot", false}, {"first_name", "P"}};
}

json::object chat_of(std::int64_t id) {
    if (id < 0) return {{"id", id}, {"type", "group"}, {"title", "G"}};
    return {{"id", id}, {"type", "private"}, {"first_name", "P"}};
}

} // namespace

answer telegram_model::call(const std::string& method, const std::string& body) {
    auto parsed = json::parse(body);
    const auto& o = parsed.as_object();
    if (method == "sendMessage") return send(o);
    if (method == "editMessageText") return edit(o);
    if (method == "getUpdates") return fetch(o);
    if (method == "getMe")
        return {.ok = true,
                .result = fmt::format(R"({{"id":{},"is_bot":true,"first_name":"M","username":"mechanic_bot"}})", bot)};
    return {.ok = true, .result = "true"};
}

answer telegram_model::send(const json::object& o) {
    auto chat = number(o, "chat_id");
    standing m{.id = ++last_message_[chat],
               .from_bot = true,
               .text = std::string(o.at("text").as_string()),
               .buttons = buttons_of(o)};
    if (auto* r = o.if_contains("reply_parameters")) m.answers = number(r->as_object(), "message_id");
    chats[chat].push_back(m);
    return {.ok = true, .result = fmt::format(R"({{"message_id":{}}})", m.id)};
}

answer telegram_model::edit(const json::object& o) {
    auto id = number(o, "message_id");
    auto& all = chats[number(o, "chat_id")];
    auto found = std::ranges::find_if(all, [&](const auto& m) { return m.id == id && m.from_bot; });
    if (found == all.end()) return refused("message to edit not found");
    auto text = std::string(o.at("text").as_string());
    auto keys = buttons_of(o);
    if (found->text == text && found->buttons == keys) return refused("message is not modified");
    found->text = std::move(text);
    found->buttons = std::move(keys);
    return {.ok = true, .result = fmt::format(R"({{"message_id":{}}})", id)};
}

answer telegram_model::fetch(const json::object& o) {
    auto from = number(o, "offset");
    std::string result;
    for (const auto& [id, body] : updates) {
        if (id < from) {
            acknowledged.insert(id);
        } else if (!acknowledged.contains(id)) {
            result += (result.empty() ? "" : ",") + body;
        }
    }
    return {.ok = true, .result = "[" + result + "]"};
}

bool telegram_model::has_more(const std::string& body) const {
    auto parsed = json::parse(body);
    auto from = number(parsed.as_object(), "offset");
    return std::ranges::any_of(updates,
                               [&](const auto& u) { return u.first >= from && !acknowledged.contains(u.first); });
}

std::int64_t telegram_model::add_update(json::object what) {
    what["update_id"] = ++last_update_;
    updates[last_update_] = json::serialize(what);
    return last_update_;
}

std::int64_t telegram_model::says(std::int64_t person, std::int64_t chat, std::int64_t date, const std::string& text,
                                  std::int64_t answers, bool mention) {
    auto id = ++last_message_[chat];
    json::object m{
        {"message_id", id}, {"date", date}, {"chat", chat_of(chat)}, {"from", person_of(person)}, {"text", text}};
    if (text.starts_with('/'))
        m["entities"] =
            json::array{{{"type", "bot_command"}, {"offset", 0}, {"length", std::min(text.size(), text.find(' '))}}};
    if (mention) m["entities"] = json::array{{{"type", "mention"}, {"offset", 0}, {"length", text.find(' ')}}};
    for (const auto& s : chats[chat])
        if (answers != 0 && s.id == answers)
            m["reply_to_message"] = {{"message_id", s.id},
                                     {"date", date},
                                     {"chat", chat_of(chat)},
                                     {"text", s.text},
                                     {"from", {{"id", bot}, {"is_bot", true}, {"first_name", "M"}}}};
    chats[chat].push_back({.id = id, .answers = answers, .text = text});
    return add_update({{"message", std::move(m)}});
}

std::int64_t telegram_model::edits(std::int64_t person, const standing& what, std::int64_t date,
                                   const std::string& text) {
    for (auto& s : chats[person])
        if (s.id == what.id) s.text = text;
    return add_update({{"edited_message",
                        {{"message_id", what.id},
                         {"date", date},
                         {"edit_date", date + 1},
                         {"chat", chat_of(person)},
                         {"from", person_of(person)},
                         {"text", text}}}});
}

std::int64_t telegram_model::presses(std::int64_t person, std::int64_t chat, const standing& under,
                                     const std::string& data) {
    return add_update({{"callback_query",
                        {{"id", fmt::format("press-{}", last_update_ + 1)},
                         {"chat_instance", "1"},
                         {"from", person_of(person)},
                         {"data", data},
                         {"message",
                          {{"message_id", under.id},
                           {"date", 1},
                           {"chat", chat_of(chat)},
                           {"text", under.text},
                           {"from", {{"id", bot}, {"is_bot", true}, {"first_name", "M"}}}}}}}});
}

} // namespace persais::chat_world
