#pragma once
#include "telegram/api/command.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// /diff, /log, /abort, /retry, /deploy, /rollback and /discard; `rest` is the text behind the command. Without a
/// number the person's newest task is meant, where that can be; where several can be meant, the person is asked with
/// buttons.
awaitable<void> on_task(update_context& t, command what, std::string rest);

// Both show a task that the person may see.
/// `commit` empty: the newest one.
awaitable<void> show_diff(update_context& t, task_id of, std::string commit);
awaitable<void> show_log(update_context& t, task_id of);
/// Each returns the text that answers a press.
awaitable<std::string> abort_it(update_context& t, task_id what, bool pressed);
/// `pressed`: a refusal is only returned; otherwise it is sent as a message too.
awaitable<std::string> retry_it(update_context& t, task_id what, bool pressed);
/// Lets the work that a task holds back be pushed, when it is still this commit. Only an admin may.
awaitable<std::string> push_it(update_context& t, task_id what, std::string commit);
/// Gives that work back to the agent, as the task's next turn.
awaitable<std::string> give_back(update_context& t, task_id what, std::string commit);
/// Adds a task that makes the change which this answer proposes.
awaitable<std::string> make_task_of(update_context& t, task_id question);
/// A task that waits for money may spend `usd` in total from now on.
awaitable<std::string> give_more(update_context& t, task_id what, double usd);

} // namespace persais::telegram
