#pragma once
#include "base/ids.hpp"
#include "telegram/api/styled.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::telegram {

/// What a button does; the spelling is the database's.
enum class action {
    diff,
    log,
    retry,
    abort,
    make_task,   // of an answer
    budget_more, // argument: dollars
    task,        // one of several was chosen; argument: the command it is for
    repo,        // argument: name
    add_repo,
    model, // argument: name, empty: the service's own
    lang,  // argument: en, ru
    reset,
    status,
    tasks,
    budget, // argument: dollars, empty: asked for
    help,
    cancel
};
std::string_view spelling(action what);
std::optional<action> action_from(std::string_view spelling);

/// A button before it has its token. With an address it is a link and does nothing here.
struct button {
    std::string label;
    action what = action::help;
    std::optional<task_id> task = {};
    std::string argument = {}; // the commit that is shown, or what the action names
    std::string address = {};
    bool operator==(const button&) const = default;
};
/// Whether it is used up by being pressed.
bool works_once(action what);

using button_rows = std::vector<std::vector<button>>;

/// A message before it is sent.
struct outgoing {
    styled text;
    button_rows rows;
    bool operator==(const outgoing&) const = default;
};

} // namespace persais::telegram
