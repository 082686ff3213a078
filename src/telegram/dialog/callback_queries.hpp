#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// Does what a pressed button stands for; the press is answered in any case. `flooded`: this person presses and writes
/// too much, so that nothing is done.
awaitable<void> handle_callback_query(update_context& t, const callback_query& p, bool flooded);

} // namespace persais::telegram
