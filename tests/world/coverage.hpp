#pragma once
#include <compare>
#include <set>
#include <string>

namespace persais::world {

struct transition {
    std::string from, event, to;
    auto operator<=>(const transition&) const = default;
};

/// Every transition that `mechanic::step` makes, found by calling it for each state, with every variant of a service's
/// task, and each event, with every variant of its contents.
std::set<transition> accepted_transitions();

} // namespace persais::world
