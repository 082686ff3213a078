#pragma once
#include "telegram/dialog/update_context.hpp"

/// What the commands show that change nothing; a press of a button asks for the same. Each sends one message, and may
/// throw store::db_error.
namespace persais::telegram {

awaitable<void> show_help(update_context& t);
/// Service, queue, spend, last errors.
awaitable<void> show_status(update_context& t);
/// The newest of this conversation.
awaitable<void> show_tasks(update_context& t);
awaitable<void> show_repositories(update_context& t);
awaitable<void> show_models(update_context& t);
awaitable<void> show_budget(update_context& t);
awaitable<void> show_languages(update_context& t);

} // namespace persais::telegram
