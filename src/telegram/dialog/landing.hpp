#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// Shows what would be deployed or rolled back, with the button that does it: a press is about exactly that commit.
awaitable<void> offer_landing(update_context& t, task_id of, bool back);
/// Has a task's result brought onto the base branch, or taken back from there (`back`), or agrees to that where several
/// have to; gives the text that answers the press. Who may, and how many, is asked of the rules.
awaitable<std::string> land_it(update_context& t, task_id what, service::tasks::landing_wish wish, bool back);

} // namespace persais::telegram
