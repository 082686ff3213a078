#pragma once
#include <compare>
#include <set>
#include <string>

namespace persais::world {

struct transition {
    std::string from, event, to;
    auto operator<=>(const transition&) const = default;
};

/// Every transition that `mechanic::step` makes, found by asking it about each state, with all that a task of the
/// service may have in it, and each event, with all that it may bring.
std::set<transition> accepted_transitions();

} // namespace persais::world
