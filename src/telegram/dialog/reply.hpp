#pragma once
#include "telegram/api/addressee.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// What a person says to a task's message is the next turn of that task. False: it is no such thing, and a task of its
/// own. `said_at`: Telegram's date; what follows at once is a part of it.
awaitable<bool> reply_to_task(update_context& t, task_id to, std::string text, std::int64_t said_at);

/// The next turn of a task that was read, with these words: begun when it has settled, else kept until then.
awaitable<void> go_on(update_context& t, const queue::snapshot& with, std::string text);

/// An instruction that answers somebody's message is about that message.
std::string with_context(const answered_to& about, const bot& me, const std::string& text);

} // namespace persais::telegram
