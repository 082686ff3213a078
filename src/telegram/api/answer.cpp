#include "telegram/api/answer.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/raw_json.hpp"

#include <array>

#include <boost/json.hpp>

namespace persais::telegram {

namespace json = boost::json;

namespace {

constexpr std::int64_t seconds_most = 366L * 24 * 60 * 60; // a longer wait is not believed

std::optional<json::object> parsed(std::string_view text) {
    if (raw_depth(text) > limits::telegram_json_depth) return std::nullopt;
    return parse_object(text, limits::telegram_json_depth);
}

bool says(const answer& a, std::string_view words) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return !std::ranges::search(a.description, words, {}, lower, lower).empty();
}

bool says_one(const answer& a, std::span<const std::string_view> of) {
    return std::ranges::any_of(of, [&](auto words) { return says(a, words); });
}

} // namespace

std::optional<answer> read_answer(std::string_view body) {
    auto ok = raw_member(body, "ok");
    if (ok == "true") {
        auto result = raw_member(body, "result");
        if (!result) return std::nullopt;
        return answer{.ok = true, .result = std::string(*result)};
    }
    if (ok != "false") return std::nullopt;
    auto o = parsed(body);
    if (!o) return std::nullopt;
    answer a;
    a.code = static_cast<int>(std::clamp<std::int64_t>(whole_in(*o, "error_code").value_or(0), 0, 999));
    if (auto* d = o->if_contains("description"); d && d->is_string())
        a.description = text::cut(text::printable(d->get_string()), limits::telegram_description_bytes);
    auto* p = o->if_contains("parameters");
    if (p && p->is_object()) {
        if (auto s = whole_in(p->get_object(), "retry_after"); s && *s >= 0)
            a.retry_after = std::chrono::seconds(std::min(*s, seconds_most));
        a.migrated_to = whole_in(p->get_object(), "migrate_to_chat_id");
    }
    return a;
}

refusal meaning(const answer& a) {
    static constexpr std::array<std::string_view, 4> message{"message to edit not found", "message can't be edited",
                                                             "message to delete not found", "message can't be deleted"};
    static constexpr std::array<std::string_view, 3> topic{"message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED"};
    static constexpr std::array<std::string_view, 5> chat{"chat not found", "PEER_ID_INVALID", "user not found",
                                                          "group chat was deactivated", "have no rights to send"};
    static constexpr std::array<std::string_view, 3> late{"query is too old", "query ID is invalid",
                                                          "QUERY_ID_INVALID"};
    if (a.migrated_to) return refusal::migrated;
    if (a.code == 429 || a.retry_after) return refusal::flood;
    if (a.code >= 500) return refusal::unwell;
    if (a.code == 401 || a.code == 404) return refusal::token;
    if (a.code == 409) return refusal::conflict;
    if (a.code == 403) return refusal::chat_gone;
    if (says(a, "message is not modified")) return refusal::not_modified;
    if (says_one(a, message)) return refusal::message_gone;
    if (says_one(a, topic)) return refusal::topic_gone;
    if (says_one(a, chat)) return refusal::chat_gone;
    if (says_one(a, late)) return refusal::too_late;
    return refusal::wrong;
}

std::optional<std::int64_t> sent_message(const answer& a) {
    if (!a.ok) return std::nullopt;
    auto o = parsed(a.result);
    return o ? whole_in(*o, "message_id") : std::nullopt;
}

std::optional<bot> read_bot(const answer& a) {
    if (!a.ok) return std::nullopt;
    auto o = parsed(a.result);
    if (!o) return std::nullopt;
    auto id = whole_in(*o, "id");
    auto* name = o->if_contains("username");
    if (!id || !name || !name->is_string()) return std::nullopt;
    return bot{*id, std::string(name->get_string())};
}

result<std::vector<raw_update>, answer> read_updates(std::string_view body) {
    auto a = read_answer(body);
    if (!a) return std::unexpected(answer{});
    if (!a->ok) return std::unexpected(*a);
    auto each = raw_elements(a->result);
    if (!each) return std::unexpected(answer{});
    std::vector<raw_update> all;
    for (auto text : *each)
        all.push_back({update_number(text), std::string(text)});
    return all;
}

} // namespace persais::telegram
