#pragma once
#include "base/ids.hpp"
#include "queue/sealed_values.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::telegram {

/// Something to be sent to a chat. Rows are sent in their order within each chat; each at least once (design.md I4).
struct unsent {
    std::int64_t id = 0;
    std::int64_t chat = 0;
    std::int64_t topic = 0; // 0: none
    std::optional<task_id> task;
    std::optional<int> turn; // the turn of the task, which `body` is about
    std::string body;        // for a task that changed: the sentence; empty when there is a `request`
    std::string
        request;   // JSON: {"method","body","remember"}; empty: the task's own message is to be brought up to date
    int tries = 0; // this one included; more than 1: the outcome of an earlier one is unknown
    bool chat_gone = false; // it was given up, and nobody has written there since
};

/// The first waiting row of each chat, and the time until it may be tried; at most `most` chats.
struct waiting_chat {
    std::int64_t chat = 0;
    std::chrono::milliseconds in{0};
};
awaitable<std::vector<waiting_chat>> chats_to_tell(store::pool& db, int most);
/// Whether any message waits to be sent or any update to be read, whoever holds it.
awaitable<bool> anything_left(store::pool& db);

/// Who sends, and for how long a row is theirs unless they renew it.
struct hold {
    std::string holder; // a name that no other process has
    std::chrono::milliseconds lasts;
};
/// Leases the first row of a chat: nobody else gets it meanwhile. nullopt: no row may be tried now.
awaitable<std::optional<unsent>> take_outgoing(store::pool& db, std::int64_t chat, hold by);
/// The row is held on, when it still is.
awaitable<void> renew_hold(store::pool& db, std::int64_t id, hold by);
/// What these processes held is free, because they have died.
awaitable<void> free_holds(store::pool& db, std::vector<std::string> holders);

/// Whether a later row waits that tells of the same turn of the same task: not one of a landing that was asked for
/// since.
awaitable<bool> told_later(store::pool& db, std::int64_t id);

/// The row was sent (`failed` empty), or is given up for this reason; `also` is executed in the same transaction.
awaitable<void> settle_outgoing(store::pool& db, std::int64_t id, std::string failed = {},
                                std::vector<store::statement> also = {});
/// The row may be tried again after this pause. `in_doubt`: it may have been sent all the same; else this try does not
/// count.
awaitable<void> postpone_outgoing(store::pool& db, std::int64_t id, std::chrono::milliseconds pause, bool in_doubt);
/// Rows that wait for a retry are due now; a row that is leased is left alone.
awaitable<void> hurry_outgoing(store::pool& db);
/// A topic was closed or deleted: what is stored about it is General's. Of what was General's (topic 0), the tasks of
/// which there is something to tell, `telling` among them, are told in private to their persons, and rows that belong
/// to no task are given up. Messages move whether they show the result or not, because a result may change.
awaitable<void> leave_topic(store::pool& db, std::int64_t chat, std::int64_t topic, std::string why,
                            std::optional<task_id> telling = {});
/// Nothing can be sent to this chat until reopen() (chats.hpp): all rows that wait for it are given up. Returns how
/// many.
awaitable<int> close_chat(store::pool& db, std::int64_t chat, std::string why);

/// A group's number changed: everything that is stored about it gets the new number. Messages are numbered anew there,
/// so nothing is a reply to one of before. Harmless to repeat.
awaitable<void> move_chat(store::pool& db, std::int64_t from, std::int64_t to);

/// The context of the seal (base/seal.hpp) of a message with a secret: its request has its body as "sealed", in hex,
/// until it is sent.
inline constexpr std::string_view sealed_message = "a message of the outbox";
/// Those that wait, for a change of the master key.
inline constexpr queue::sealed_values sealed_messages{
    "messages",
    "select id, '', '', decode(request ->> 'sealed', 'hex') from outbox where sent_at is null and request ? 'sealed'",
    "update outbox set request = jsonb_set(request, '{sealed}', to_jsonb(encode($3::bytea, 'hex'))) where id = "
    "$1::bigint "
    "and request ->> 'sealed' = encode($2::bytea, 'hex')"};

/// Adds a row with its whole message. `request`: as in unsent.
store::statement add_outgoing(std::int64_t chat, std::int64_t topic, std::string request,
                              std::optional<task_id> task = {});

} // namespace persais::telegram
