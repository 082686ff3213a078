#pragma once
#include "telegram/api/limits.hpp"
#include "telegram/api/marks.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the Bot API sends, as far as Persais needs it. Values only; reading never throws because of what came from
/// outside.
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
    std::string title; // empty for a private chat
    bool is_forum = false;
    bool operator==(const chat&) const = default;
};

/// What was sent beside words.
struct attachment {
    enum class kind { document, photo, voice, other };
    kind what = kind::other;
    std::string file;                  // file_id; empty: there is none
    std::string name;                  // of a document, may be empty
    std::optional<std::int64_t> bytes; // as Telegram says; nullopt: unknown
    bool operator==(const attachment&) const = default;
};

/// The message that was replied to, in the same chat.
struct answered_to {
    std::int64_t id = 0;
    std::optional<person> from;
    std::string text;  // the text or the caption
    std::string quote; // the part that the person selected; empty: the whole message
    std::optional<attachment> attached = {};
    bool operator==(const answered_to&) const = default;
};

/// The message that was replied to, in another chat or topic, of which Telegram shows only this.
struct answered_elsewhere {
    std::string quote; // selected by the person, or by Telegram; may be empty
    std::optional<attachment> attached;
    bool operator==(const answered_elsewhere&) const = default;
};

struct message {
    std::int64_t id = 0;
    chat where;
    std::optional<std::int64_t> topic;  // message_thread_id, only for messages in a forum's topic
    std::optional<person> from;         // nullopt: a channel
    std::optional<std::int64_t> behalf; // sender_chat: written in the name of a chat; then `from` is no person
    std::int64_t date = 0;              // Unix time
    std::string text;                   // the text or the caption, links spelled out; without NUL
    std::vector<mark> marks;
    std::optional<answered_to> reply;
    std::optional<answered_elsewhere> elsewhere;
    bool forwarded = false;
    std::string album; // media_group_id, or empty
    std::optional<attachment> attached;
    std::optional<std::int64_t> migrated_to;   // this group has a new id from now on
    std::optional<std::int64_t> migrated_from; // set in the chat with the new id
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
    std::string data;                    // empty: a button that is not ours
    std::optional<chat> where;           // nullopt: the message was not sent by us
    std::optional<std::int64_t> message; // its id
    std::optional<std::int64_t> topic;   // the topic of that message
    bool operator==(const callback_query&) const = default;
};

/// The bot's membership in a chat: "member", "kicked" (blocked, by a person), "left", …
struct membership {
    chat where;
    person by;
    std::string before;
    std::string now;
    bool operator==(const membership&) const = default;
};

/// An update of a kind that Persais does not use, or one that could not be parsed.
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
/// parsed; nullopt: there is none, and the input is no update.
std::optional<std::int64_t> update_number(std::string_view body);

/// nullopt: no update. An update of more than limits::telegram_update_bytes, or nested deeper than
/// limits::telegram_json_depth, is `other`.
std::optional<update> read_update(std::string_view body);
/// Reads an update as the inbox stores it, under its number; a body that is no update is `other`.
update read_kept(std::int64_t number, std::string_view body);

} // namespace persais::telegram
