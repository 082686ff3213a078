#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// Asks with a button whether the result that stands shall be put away: exactly `commit` (empty: what it is now). Of
/// one that is put away already, the button takes it up again. The text answers a press; empty: it was asked.
awaitable<std::string> offer_discard(update_context& t, task_id of, std::string commit, bool pressed);
/// Each is about exactly this commit, and returns the text that answers a press.
awaitable<std::string> discard_it(update_context& t, task_id what, std::string commit);
awaitable<std::string> undiscard_it(update_context& t, task_id what, std::string commit);

} // namespace persais::telegram
