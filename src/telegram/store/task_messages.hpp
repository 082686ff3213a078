#pragma once
#include "base/ids.hpp"
#include "mechanic/task.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

/// The one message of a task's turn that carries its progress and then its result. All throw store::db_error.
namespace persais::telegram {

struct task_message {
    task_id task;
    int turn = 0;
    std::int64_t chat = 0;
    std::int64_t topic = 0;              // 0: none
    std::optional<std::int64_t> message; // nullopt: not sent yet, or the answer was lost
    bool sending = false;                // it stands in the outbox
    std::int64_t reply_to = 0;           // the person's message
    bool ended = false;                  // it shows the result
    std::string language;                // en, ru
    int at = 0;                          // the turn that the task itself is at, seen by the same look
    std::string state;                   // and its state
    bool settled = false;                // which nothing follows by itself
};

/// Of the turn that the task is at, or the last one before it that has a message; nullopt: it came from no chat.
awaitable<std::optional<task_message>> message_of(store::pool& db, task_id task);
/// Of that turn, or the last one before it that has a message.
awaitable<std::optional<task_message>> message_of_turn(store::pool& db, task_id task, int turn);
/// Those of turns before that one which do not show their results yet, oldest first.
awaitable<std::vector<task_message>> overtaken(store::pool& db, task_id task);
/// What the task came to in a turn that was overtaken; nullopt: nothing of it is known any more.
awaitable<std::optional<mechanic::task>> came_to(store::pool& db, task_id task, int turn);
/// Tasks whose message does not show the result yet, at most `most`, the newest.
awaitable<std::vector<task_id>> open_messages(store::pool& db, int most);
/// It stands in the chat under this number now.
awaitable<void> message_stands(store::pool& db, task_id task, int turn, std::int64_t chat, std::int64_t message);
/// It does not show what the task came to (any more): whoever starts is to bring it.
awaitable<void> message_reopened(store::pool& db, task_id task, int turn);
/// It shows the turn's result: nothing more comes.
awaitable<void> message_ended(store::pool& db, task_id task, int turn);

struct standing_button {
    std::string action;
    std::string argument;
    bool once = false;
};
/// Their tokens, in their order: those of before, or new ones.
awaitable<std::vector<std::string>> button_tokens(store::pool& db, std::int64_t chat, task_id task,
                                                  std::vector<standing_button> all);

/// How many tasks of the queue come before it; nullopt: it is not in the queue.
awaitable<std::optional<int>> tasks_ahead(store::pool& db, task_id task);

} // namespace persais::telegram
