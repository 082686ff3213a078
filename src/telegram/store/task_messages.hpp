#pragma once
#include "base/ids.hpp"
#include "mechanic/task.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

/// The one message of a task's turn, which shows its progress and then its result. All functions throw store::db_error.
namespace persais::telegram {

struct task_message {
    task_id task;
    int turn = 0;
    std::int64_t chat = 0;
    std::int64_t topic = 0;               // 0: none
    std::optional<std::int64_t> message;  // nullopt: not sent yet, or the answer was lost
    bool sending = false;                 // it waits in the outbox
    std::optional<std::int64_t> reply_to; // the person's message; nullopt: it stands in another chat
    bool chat_gone = false;               // nothing can be sent to its chat
    bool ended = false;                   // it shows the result
    std::string language;                 // en, ru
    int at = 0;                           // the turn that the task itself is at, from the same read
    std::string state;                    // the task's state, from the same read
    bool settled = false;                 // nothing follows that state by itself
};

/// The message of the turn that the task is at, or of the last turn before it that has one; nullopt: the task came from
/// no chat.
awaitable<std::optional<task_message>> message_of(store::pool& db, task_id task);
/// The message of that turn, or of the last turn before it that has one.
awaitable<std::optional<task_message>> message_of_turn(store::pool& db, task_id task, int turn);
/// The message of a reply that was taken back, whatever turn the task is at; nullopt: it was not, or the task came from
/// no chat.
awaitable<std::optional<task_message>> message_of_withdrawn(store::pool& db, task_id task, int turn);
/// The messages of turns before the current one which do not show their results yet, oldest first.
awaitable<std::vector<task_message>> overtaken(store::pool& db, task_id task);
/// The task as a turn left it that another one followed; nullopt: nothing of it is stored any more.
awaitable<std::optional<mechanic::task>> came_to(store::pool& db, task_id task, int turn);
/// Tasks whose message does not show the result yet, at most `most`, the newest.
awaitable<std::vector<task_id>> open_messages(store::pool& db, int most);
/// The message is in the chat under this number now.
awaitable<void> message_stands(store::pool& db, task_id task, int turn, std::int64_t chat, std::int64_t message);
/// The message does not show the result (any more): the next start has to bring it up to date.
awaitable<void> message_reopened(store::pool& db, task_id task, int turn);
/// The message shows the turn's result: no more edits are due.
awaitable<void> message_ended(store::pool& db, task_id task, int turn);

struct standing_button {
    std::string action;
    std::string argument;
    bool once = false;
};
/// The buttons' tokens, in their order: existing ones where there are any, else new ones.
awaitable<std::vector<std::string>> button_tokens(store::pool& db, std::int64_t chat, task_id task,
                                                  std::vector<standing_button> all);

/// How many tasks of the queue come before it; nullopt: it is not in the queue.
awaitable<std::optional<int>> tasks_ahead(store::pool& db, task_id task);

} // namespace persais::telegram
