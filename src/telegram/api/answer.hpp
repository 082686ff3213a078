#pragma once
#include "base/result.hpp"
#include "telegram/api/addressee.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The envelope of every answer of the Bot API. Never throws because of what came from outside.
namespace persais::telegram {

struct answer {
    bool ok = false;
    std::string result;                              // JSON, when the answer is ok
    int code = 0;                                    // when it is a refusal: 400, 403, 429, …
    std::string description;                         // the API's own text, printable
    std::optional<std::chrono::seconds> retry_after; // the flood limit: no retry before
    std::optional<std::int64_t> migrated_to;         // the chat's new id: the same call may be made there
    bool operator==(const answer&) const = default;
};

/// nullopt: the body is no answer of the Bot API (it comes from a proxy, or is truncated).
std::optional<answer> read_answer(std::string_view body);

/// What a refusal means for the sender.
enum class refusal {
    not_modified, // the edit changes nothing: the message has this text already
    message_gone, // deleted, or too old to be edited or deleted
    too_late,     // the press can no longer be answered
    topic_gone,   // closed or deleted
    chat_gone,    // blocked, kicked, deleted, or never begun: nothing can be sent there any more
    migrated,     // see migrated_to
    flood,        // see retry_after
    conflict,     // another process polls, or a webhook is set
    token,        // wrong or revoked
    unwell,       // 5xx: to be retried
    wrong         // our own mistake; the description says which
};
/// `refused`: an answer that is not ok.
refusal meaning(const answer& refused);

/// The message_id of a sent message; nullopt: `a` is no such answer.
std::optional<std::int64_t> sent_message(const answer& a);

/// The bot in getMe's answer.
std::optional<bot> read_bot(const answer& a);

/// One update as it came.
struct raw_update {
    std::optional<std::int64_t> id; // nullopt: it has none
    std::string body;
};

/// The updates of getUpdates' answer, in order; one that cannot be parsed does not affect the others. The error is the
/// refusal's `answer`, or an empty one when the body is no answer at all.
result<std::vector<raw_update>, answer> read_updates(std::string_view body);

} // namespace persais::telegram
