#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// A button was pressed: what it stands for is done, and the press is answered in any case. `flooded`: this person
/// presses and writes too much, nothing is done.
awaitable<void> handle_callback_query(update_context& t, const callback_query& p, bool flooded);

} // namespace persais::telegram
