#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persais::telegram {

/// Something to be told in a chat. Rows are sent in their order, chat by chat; each at least once (design.md I4).
struct unsent {
    std::int64_t id = 0;
    std::int64_t chat = 0;
    std::int64_t topic = 0; // 0: none
    std::optional<task_id> task;
    std::optional<int> turn; // of the task, which `body` is about
    std::string body;        // of a task that changed: the sentence; empty when it is `request`
    std::string
        request;   // JSON: {"method","body","remember"}; empty: the task's own message is to be brought up to date
    int tries = 0; // this one included; more than 1: what became of an earlier one is unknown
};

/// The row that waits first in each chat, and how long until it may be tried; at most `most` chats.
struct waiting_chat {
    std::int64_t chat = 0;
    std::chrono::milliseconds in{0};
};
awaitable<std::vector<waiting_chat>> chats_to_tell(store::pool& db, int most);

/// Takes the first row of a chat for `lease`: nobody else takes it meanwhile. nullopt: there is none that may be tried
/// now.
awaitable<std::optional<unsent>> take_outgoing(store::pool& db, std::int64_t chat, std::chrono::milliseconds lease);

/// Whether a later row waits that tells of the same turn of the same task.
awaitable<bool> told_later(store::pool& db, std::int64_t id);

/// It was sent (`failed` empty), or given up for this reason; `also` is done in the same transaction.
awaitable<void> settle_outgoing(store::pool& db, std::int64_t id, std::string failed = {},
                                std::vector<store::statement> also = {});
/// It may be tried again after this pause. `in_doubt`: it may have been sent all the same; else this try does not
/// count.
awaitable<void> postpone_outgoing(store::pool& db, std::int64_t id, std::chrono::milliseconds pause, bool in_doubt);
/// What waits to be tried again is due now; what somebody may be sending is left alone.
awaitable<void> hurry_outgoing(store::pool& db);
/// Nothing can be sent to this chat any more: all that waits for it is given up. Returns how many rows.
awaitable<int> close_chat(store::pool& db, std::int64_t chat, std::string why);

/// A group has another number now: all that is known of it moves along.
awaitable<void> move_chat(store::pool& db, std::int64_t from, std::int64_t to);

/// A message of its own. `request`: as in unsent.
store::statement add_outgoing(std::int64_t chat, std::int64_t topic, std::string request,
                              std::optional<task_id> task = {});

} // namespace persais::telegram
