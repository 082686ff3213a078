#pragma once
#include "telegram/dialog/update_context.hpp"

/// What is remembered of the repository that is worked on here, in the chat.
namespace persais::telegram {

/// /remember: a note for later tasks.
void on_remember(update_context& t, const std::string& rest);
/// /memory: the newest items; with words those that fit best; `forget 12`, `correct 12 TEXT`.
awaitable<void> on_memory(update_context& t, std::string rest);

} // namespace persais::telegram
