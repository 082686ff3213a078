#pragma once
#include "base/ids.hpp"
#include "telegram/api/styled.hpp"
#include "telegram/store/buttons.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::telegram {

/// A button before it has its token. One with an address is a link, and no action belongs to it.
struct button {
    std::string label;
    action what = action::help;
    std::optional<task_id> task = {};
    std::string argument = {}; // the commit that is shown, or what the action names
    std::string address = {};
    bool operator==(const button&) const = default;
};

using button_rows = std::vector<std::vector<button>>;

/// A message before it is sent.
struct outgoing {
    styled text;
    button_rows rows;
    bool operator==(const outgoing&) const = default;
};

} // namespace persais::telegram
