#pragma once
#include "telegram/dialog/update_context.hpp"

/// What commands show without changing anything; a press of a button may ask for the same. Each sends one message, and
/// may throw store::db_error.
namespace persais::telegram {

awaitable<void> show_help(update_context& t);
/// Service, queue, costs, last errors.
awaitable<void> show_status(update_context& t);
/// The newest tasks of this conversation.
awaitable<void> show_tasks(update_context& t);
awaitable<void> show_repositories(update_context& t);
awaitable<void> show_models(update_context& t);
awaitable<void> show_budget(update_context& t);
awaitable<void> show_languages(update_context& t);

} // namespace persais::telegram
