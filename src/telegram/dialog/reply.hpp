#pragma once
#include "telegram/api/addressee.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// Makes a person's reply to a task's message the next turn of that task. False: the reply is no such thing, and is a
/// task of its own. `said_at`: Telegram's date; a message that follows at once is a part of the reply.
awaitable<bool> reply_to_task(update_context& t, task_id to, std::string text, std::int64_t said_at);

/// Adds the next turn, with this text, to a task that was loaded: it is begun when the task has settled, else kept
/// until then.
awaitable<void> go_on(update_context& t, const queue::snapshot& with, std::string text);

} // namespace persais::telegram
