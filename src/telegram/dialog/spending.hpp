#pragma once
#include "telegram/dialog/update_context.hpp"

/// Money in the chat: what is left, and a pause of all spending. What admins alone may do is refused to others here.
namespace persais::telegram {

/// /pause: nothing is spent any more, until /resume.
awaitable<void> on_pause(update_context& t);
awaitable<void> on_resume(update_context& t);
/// What is left of the budgets that a task of the person here would take from, each on a line that begins with a break.
awaitable<styled> money_left_words(update_context& t);

} // namespace persais::telegram
