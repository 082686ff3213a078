#pragma once
#include "mechanic/task.hpp"

#include <chrono>

namespace persais::mechanic {

/// The pause after an attempt that was used up: 2 s, 4 s, … at most 5 min.
std::chrono::seconds backoff(int attempts_used);

/// The sentence of work that is held because of these.
std::string leaks_in_words(const std::vector<leak>& found);
/// What the agent is told to do about them, when a person gives the work back.
std::string order_without(const std::vector<leak>& found);
/// The sentence of a result that a person put away.
std::string put_away_in_words();

} // namespace persais::mechanic
