#pragma once
#include "telegram/api/command.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// /diff, /log, /abort and /retry: `rest` is what was written behind it. Without a number it is the person's newest
/// task where that can be meant; where several can be, they are asked with buttons.
awaitable<void> on_task(update_context& t, command what, std::string rest);

// Of a task that the person may see.
/// `commit` empty: the newest.
awaitable<void> show_diff(update_context& t, task_id of, std::string commit);
awaitable<void> show_log(update_context& t, task_id of);
/// Each gives what is said to a press.
awaitable<std::string> abort_it(update_context& t, task_id what, bool pressed);
awaitable<std::string> retry_it(update_context& t, task_id what, bool pressed);
/// A task that makes the change which this answer proposes.
awaitable<std::string> make_task_of(update_context& t, task_id question);
/// A task that waits for money may spend `usd` in all.
awaitable<std::string> give_more(update_context& t, task_id what, double usd);

} // namespace persais::telegram
