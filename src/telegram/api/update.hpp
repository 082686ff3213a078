#pragma once
#include "telegram/api/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the Bot API tells, as far as Persais needs it. Values only; reading never throws for what came from outside.
namespace persais::telegram {

struct person {
    std::int64_t id = 0;
    std::string first_name;
    std::string username; // without @, may be empty
    std::string language; // IETF tag, may be empty
    bool is_bot = false;
    bool operator==(const person&) const = default;
};

struct chat {
    enum class kind { one_person, group, supergroup, channel, other };
    std::int64_t id = 0;
    kind what = kind::other;
    std::string title; // of one person: empty
    bool is_forum = false;
    bool operator==(const chat&) const = default;
};

/// What a client marked in a text. Offset and length in UTF-16 units, and not yet held against the text.
struct mark {
    std::string type; // "bot_command", "mention", "text_mention", "url", …
    std::size_t offset = 0;
    std::size_t length = 0;
    std::optional<std::int64_t> user; // of a text_mention
    bool operator==(const mark&) const = default;
};

/// The message that was answered to, in the same chat.
struct answered_to {
    std::int64_t id = 0;
    std::optional<person> from;
    std::string text;  // or caption
    std::string quote; // the part that the person picked; empty: the whole
    bool operator==(const answered_to&) const = default;
};

struct message {
    std::int64_t id = 0;
    chat where;
    std::optional<std::int64_t> topic;  // message_thread_id, of messages in a forum's topic only
    std::optional<person> from;         // nullopt: a channel
    std::optional<std::int64_t> behalf; // sender_chat: written in the name of a chat, `from` is then no person
    std::int64_t date = 0;              // Unix time
    std::string text;                   // or caption; without NUL
    std::vector<mark> marks;
    std::optional<answered_to> reply;
    bool forwarded = false;
    std::string album; // media_group_id, or empty
    bool voice = false, photo = false, document = false;
    bool other_media = false;                  // sticker, video, audio, location, …
    std::optional<std::int64_t> migrated_to;   // this group has a new id from now on
    std::optional<std::int64_t> migrated_from; // told in the chat with the new id
    bool operator==(const message&) const = default;
};

struct edited {
    message now;
    bool operator==(const edited&) const = default;
};

/// A press on a button under a message of ours.
struct callback_query {
    std::string id; // for answerCallbackQuery
    person from;
    std::string data;                    // empty: a button of no use to us
    std::optional<chat> where;           // nullopt: the message was not sent by us
    std::optional<std::int64_t> message; // its id
    std::optional<std::int64_t> topic;   // of that message
    bool operator==(const callback_query&) const = default;
};

/// What the bot became in a chat: "member", "kicked" (blocked, by a person), "left", …
struct membership {
    chat where;
    person by;
    std::string before;
    std::string now;
    bool operator==(const membership&) const = default;
};

/// An update of a kind that Persais has no use for, or one that could not be understood.
struct other {
    std::string why; // for the log: "inline_query", "nested too deeply", …
    bool understood = false;
    bool operator==(const other&) const = default;
};

struct update {
    std::int64_t id = 0;
    std::variant<message, edited, callback_query, membership, other> what = other{};
    bool operator==(const update&) const = default;
};

/// The update_id of a webhook's body or of one element of getUpdates' result, found even where the rest cannot be
/// understood; nullopt: there is none, and what was given is no update.
std::optional<std::int64_t> update_number(std::string_view body);

/// nullopt: no update. At most limits::telegram_update_bytes, nested at most limits::telegram_json_depth, else `other`.
std::optional<update> read_update(std::string_view body);
/// As the inbox keeps it, under its number; what is no update is `other`.
update read_kept(std::int64_t number, std::string_view body);

} // namespace persais::telegram
