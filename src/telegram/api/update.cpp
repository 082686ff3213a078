#include "telegram/api/update.hpp"

#include "base/json.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/raw_json.hpp"

#include <array>
#include <charconv>

#include <boost/json.hpp>

namespace persais::telegram {

namespace json = boost::json;

namespace {

/// NUL cannot be stored in PostgreSQL and has no meaning in a text. U+FFFD takes one UTF-16 unit as well, so that the
/// offsets of entities still fit.
std::string text(const json::object& o, std::string_view key) {
    std::string out;
    for (char c : text_in(o, key)) {
        if (c == '\0')
            out += "\xEF\xBF\xBD";
        else
            out += c;
    }
    return out;
}

std::optional<person> read_person(const json::object* o) {
    if (!o) return std::nullopt;
    auto id = whole_in(*o, "id");
    if (!id) return std::nullopt;
    return person{*id, text(*o, "first_name"), text(*o, "username"), text(*o, "language_code"), flag_in(*o, "is_bot")};
}

std::optional<chat> read_chat(const json::object* o) {
    if (!o) return std::nullopt;
    auto id = whole_in(*o, "id");
    if (!id) return std::nullopt;
    chat c{.id = *id, .title = text(*o, "title"), .is_forum = flag_in(*o, "is_forum")};
    auto type = text(*o, "type");
    if (type == "private") c.what = chat::kind::one_person;
    if (type == "group") c.what = chat::kind::group;
    if (type == "supergroup") c.what = chat::kind::supergroup;
    if (type == "channel") c.what = chat::kind::channel;
    return c;
}

std::vector<mark> read_marks(const json::object& o, std::string_view key) {
    std::vector<mark> all;
    auto* list = o.if_contains(key);
    if (!list || !list->is_array()) return all;
    for (const auto& each : list->get_array()) {
        auto* e = each.if_object();
        if (!e) continue;
        auto offset = whole_in(*e, "offset"), length = whole_in(*e, "length");
        if (!offset || !length || *offset < 0 || *length <= 0) continue;
        mark m{text(*e, "type"), static_cast<std::size_t>(*offset), static_cast<std::size_t>(*length), {}};
        if (m.type == "text_link") m.address = text(*e, "url");
        if (auto user = read_person(object_in(*e, "user"))) m.user = user->id;
        all.push_back(std::move(m));
    }
    return all;
}

/// message_thread_id also counts the threads of replies in ordinary groups; only a forum's topics are conversations.
std::optional<std::int64_t> read_topic(const json::object& o) {
    return flag_in(o, "is_topic_message") ? whole_in(o, "message_thread_id") : std::nullopt;
}

struct words {
    std::string text;
    std::vector<mark> marks;
};

/// The text, else the caption, with the addresses of its links.
words words_of(const json::object& o) {
    bool caption = text_in(o, "text").empty();
    words w{text(o, caption ? "caption" : "text"), read_marks(o, caption ? "caption_entities" : "entities")};
    spell_out_links(w.text, w.marks);
    return w;
}

std::string quote_of(const json::object& quote) {
    words w{text(quote, "text"), read_marks(quote, "entities")};
    spell_out_links(w.text, w.marks);
    return w.text;
}

/// A document is looked for last, because an animation comes as a document too.
std::optional<attachment> read_attachment(const json::object& o) {
    static constexpr std::array others{"animation",  "audio",      "paid_media", "sticker",  "story",       "video",
                                       "checklist",  "contact",    "dice",       "location", "poll",        "venue",
                                       "video_note", "live_photo", "game",       "invoice",  "rich_message"};
    if (o.contains("voice")) return attachment{.what = attachment::kind::voice, .file = {}, .name = {}, .bytes = {}};
    if (o.contains("photo")) return attachment{.what = attachment::kind::photo, .file = {}, .name = {}, .bytes = {}};
    for (const auto* name : others)
        if (o.contains(name)) return attachment{};
    const auto* d = object_in(o, "document");
    if (!d) return o.contains("document") ? std::optional(attachment{}) : std::nullopt;
    return attachment{.what = attachment::kind::document,
                      .file = text(*d, "file_id"),
                      .name = text(*d, "file_name"),
                      .bytes = whole_in(*d, "file_size")};
}

/// Every message of a topic "replies" to the one that opened it, which is no reply to a person.
std::optional<answered_to> read_reply(const json::object& o, std::optional<std::int64_t> topic) {
    auto* to = object_in(o, "reply_to_message");
    if (!to) return std::nullopt;
    auto id = whole_in(*to, "message_id");
    if (!id || id == topic || to->contains("forum_topic_created")) return std::nullopt;
    answered_to a{.id = *id, .from = read_person(object_in(*to, "from")), .text = words_of(*to).text, .quote = {}};
    if (auto* quote = object_in(o, "quote"); quote && flag_in(*quote, "is_manual")) a.quote = quote_of(*quote);
    a.attached = read_attachment(*to);
    return a;
}

/// Nothing of the other chat's message is shown but the quote, so one that Telegram chose counts as well.
std::optional<answered_elsewhere> read_elsewhere(const json::object& o) {
    auto* to = object_in(o, "external_reply");
    if (!to) return std::nullopt;
    auto* quote = object_in(o, "quote");
    return answered_elsewhere{quote ? quote_of(*quote) : "", read_attachment(*to)};
}

std::optional<message> read_message(const json::object* o) {
    if (!o) return std::nullopt;
    auto id = whole_in(*o, "message_id");
    auto where = read_chat(object_in(*o, "chat"));
    if (!id || !where) return std::nullopt;
    message m{
        .id = *id, .where = std::move(*where), .topic = read_topic(*o), .from = read_person(object_in(*o, "from"))};
    if (auto behalf = read_chat(object_in(*o, "sender_chat"))) m.behalf = behalf->id;
    m.date = whole_in(*o, "date").value_or(0);
    auto said = words_of(*o);
    m.text = std::move(said.text);
    m.marks = std::move(said.marks);
    m.reply = read_reply(*o, m.topic);
    m.elsewhere = read_elsewhere(*o);
    m.forwarded = o->contains("forward_origin");
    m.album = text(*o, "media_group_id");
    m.attached = read_attachment(*o);
    m.migrated_to = whole_in(*o, "migrate_to_chat_id");
    m.migrated_from = whole_in(*o, "migrate_from_chat_id");
    return m;
}

std::optional<callback_query> read_callback_query(const json::object* o) {
    if (!o) return std::nullopt;
    auto from = read_person(object_in(*o, "from"));
    auto id = text(*o, "id");
    if (!from || id.empty()) return std::nullopt;
    callback_query p{.id = std::move(id), .from = std::move(*from), .data = text(*o, "data")};
    if (auto* on = object_in(*o, "message")) { // also when it is deleted or too old: its chat and number are there
        p.where = read_chat(object_in(*on, "chat"));
        p.message = whole_in(*on, "message_id");
        p.topic = read_topic(*on);
    }
    return p;
}

std::optional<membership> read_membership(const json::object* o) {
    if (!o) return std::nullopt;
    auto where = read_chat(object_in(*o, "chat"));
    auto by = read_person(object_in(*o, "from"));
    auto status = [&](std::string_view key) {
        auto* m = object_in(*o, key);
        return m ? text(*m, "status") : std::string();
    };
    if (!where || !by || status("new_chat_member").empty()) return std::nullopt;
    return membership{std::move(*where), std::move(*by), status("old_chat_member"), status("new_chat_member")};
}

/// The member beside update_id; its name is the kind.
other read_other(const json::object& o) {
    static constexpr std::size_t name_bytes = 64;
    for (const auto& [key, value] : o)
        if (key != "update_id") return {std::string(std::string_view(key).substr(0, name_bytes)), true};
    return {"empty", false};
}

} // namespace

std::optional<std::int64_t> update_number(std::string_view body) {
    auto raw = raw_member(body, "update_id");
    if (!raw) return std::nullopt;
    std::int64_t id = 0;
    auto [end, error] = std::from_chars(raw->data(), raw->data() + raw->size(), id);
    if (error != std::errc() || end != raw->data() + raw->size()) return std::nullopt;
    return id;
}

std::optional<update> read_update(std::string_view body) {
    auto id = update_number(body);
    if (!id) return std::nullopt;
    auto unclear = [&](std::string why) { return update{*id, other{std::move(why), false}}; };
    if (body.size() > limits::telegram_update_bytes) return unclear("too large");
    if (raw_depth(body) > limits::telegram_json_depth) return unclear("nested too deeply");
    boost::system::error_code ec;
    std::array<unsigned char, 16 * 1024> room; // large enough for a usual update; the parsed value is not destroyed
    json::monotonic_resource of_value(room.data(), room.size());
    auto value = json::parse(body, ec, &of_value, {.max_depth = limits::telegram_json_depth});
    if (ec) return unclear(ec.message());
    auto* o = value.if_object();
    if (!o) return unclear("no object");
    auto as = [&](auto found, std::string_view kind) {
        return found ? update{*id, std::move(*found)} : unclear(std::string(kind) + " without what it must have");
    };
    if (auto* m = object_in(*o, "message")) return as(read_message(m), "message");
    if (auto* m = object_in(*o, "edited_message")) {
        auto now = read_message(m);
        return as(now ? std::optional(edited{std::move(*now)}) : std::nullopt, "edited_message");
    }
    if (auto* p = object_in(*o, "callback_query")) return as(read_callback_query(p), "callback_query");
    if (auto* m = object_in(*o, "my_chat_member")) return as(read_membership(m), "my_chat_member");
    return update{*id, read_other(*o)};
}

update read_kept(std::int64_t number, std::string_view body) {
    auto read = number >= 0 ? read_update(body) : std::nullopt;
    if (!read) return {number, other{.why = "no update"}};
    read->id = number;
    return std::move(*read);
}

} // namespace persais::telegram
