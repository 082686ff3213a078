#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"
#include "telegram/store/button_action.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The buttons under messages, as they are stored. Functions that return a statement are for a transaction.
namespace persais::telegram {

struct stored_button {
    std::string token;
    std::int64_t chat = 0;
    std::optional<task_id> task;
    std::string action;   // as to_string(action) spells it
    std::string argument; // the commit that was shown, a repository's name, …
    bool once = false;
    bool used = false;
};

/// A button with a new token of 22 URL-safe characters.
stored_button new_button(std::int64_t chat, std::string action, std::string argument = {},
                         std::optional<task_id> task = {}, bool once = false);
store::statement add_buttons(const std::vector<stored_button>& all);
/// nullopt: there never was such a button, or it was deleted. Throws store::db_error.
awaitable<std::optional<stored_button>> find_button(store::pool& db, std::string token);
/// The statement fails with "PX002" when the button was used already.
store::statement use_button(const std::string& token);

} // namespace persais::telegram
