#pragma once
#include "base/result.hpp"
#include "telegram/api/addressee.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The envelope of every answer of the Bot API. Never throws for what came from outside.
namespace persais::telegram {

struct answer {
    bool ok = false;
    std::string result;                              // JSON, of one that is ok
    int code = 0;                                    // of a refusal: 400, 403, 429, …
    std::string description;                         // the API's own words, printable
    std::optional<std::chrono::seconds> retry_after; // the flood limit: not before
    std::optional<std::int64_t> migrated_to;         // the chat has this id now: the same call may be made there
    bool operator==(const answer&) const = default;
};

/// nullopt: the body is no answer of the Bot API (a proxy's page, or cut).
std::optional<answer> read_answer(std::string_view body);

/// What a refusal means for the one who sent.
enum class refusal {
    not_modified, // an edit that changes nothing: it stands there already
    message_gone, // deleted, or too old to be edited or deleted
    too_late,     // a press that is no longer waited for
    topic_gone,   // closed or deleted
    chat_gone,    // blocked, kicked, deleted, or never begun: sending there has no sense any more
    migrated,     // see migrated_to
    flood,        // see retry_after
    conflict,     // another one polls, or a webhook is set
    token,        // refused: wrong or revoked
    unwell,       // 5xx: to be tried again
    wrong         // our own mistake; the description says which
};
refusal meaning(const answer& refused);

/// The message_id of a sent message; nullopt: `a` is no such answer.
std::optional<std::int64_t> sent_message(const answer& a);

/// getMe.
std::optional<bot> read_bot(const answer& a);

/// One update as it came.
struct raw_update {
    std::optional<std::int64_t> id; // nullopt: none is in it
    std::string body;
};

/// The updates of getUpdates' answer, in order; one that cannot be understood does not spoil the others. The error is
/// the refusal's `answer`, or an empty one when the body is no answer at all.
result<std::vector<raw_update>, answer> read_updates(std::string_view body);

} // namespace persais::telegram
