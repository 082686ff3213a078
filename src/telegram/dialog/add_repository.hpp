#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

// How an admin adds a repository: address, base branch, setup, check, a token for its host; then the answers are tried
// on the real remote. The answers so far are kept in the conversation's row, so that a restart loses none of them.

/// `address` empty: the person is asked for it.
awaitable<void> begin_adding(update_context& t, std::string address);

/// Whether this dialog waits for an answer of the person.
bool asks_in_dialog(const update_context& t);
/// Whether that answer is a secret, here or in repository_settings.hpp; the person may be no admin any more.
bool awaits_any_secret(const update_context& t);
/// Takes the message as that answer. False: the dialog waits for none.
awaitable<bool> answer_expected(update_context& t, std::string text);

/// A button of a dialog was pressed: "cancel", "no_token", or those of what is held (held.hpp): "go_on", "drop_held".
/// Returns the text that answers the press.
awaitable<std::string> press_in_dialog(update_context& t, std::string what);

/// Tries again what was being tried when the last process ended. Throws db_error.
awaitable<void> go_on_trying(const update_handler_dependencies& with);

} // namespace persais::telegram
