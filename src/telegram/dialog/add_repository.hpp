#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// What tokens of repositories are sealed for.
inline constexpr std::string_view token_context = "repository token";

// How an admin adds a repository: address, base branch, setup, check, a token for its host; then it is tried, really.
// What was said so far stands in the conversation, so that a restart loses nothing of it.

/// `address` empty: it is asked for.
awaitable<void> begin_adding(update_context& t, std::string address);

/// The message answers a question of ours (this dialog's, or /ask's). False: nothing was asked.
awaitable<bool> answer_expected(update_context& t, std::string text);

/// A button of the dialog: "cancel", "no_token". The words that answer the press.
awaitable<std::string> press_in_dialog(update_context& t, std::string what);

/// What was being tried when the last process ended is tried again. Throws db_error.
awaitable<void> go_on_trying(const update_handler_dependencies& with);

} // namespace persais::telegram
