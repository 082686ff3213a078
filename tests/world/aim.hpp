#pragma once
#include "world/world.hpp"

namespace persais::world {

// A run with plan::after: what a seed meets by chance is made to happen there.

/// What the command of a task comes to, when that is the event that the run is after. Only of those without an effect
/// that somebody else could see. nullopt: it is none of them, or goes its usual way this time.
std::optional<mechanic::event> outcome_aimed_at(const simulation& in, const mechanic::task& t,
                                                const mechanic::command& what, dice_row& d);

/// The same of what people do, and of crashes: for a task that has just come into the state. `at`: so long from now.
std::optional<fault> fault_aimed_at(const simulation& in, const store_model::change& c);

} // namespace persais::world
