#pragma once
#include <set>
#include <string>
#include <utility>

namespace persais::world {

/// Every pair of state and event that `mechanic::step` accepts, found by asking it about each state, with what a task
/// in it may have, and each event.
std::set<std::pair<std::string, std::string>> accepted_transitions();

} // namespace persais::world
