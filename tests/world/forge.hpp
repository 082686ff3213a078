#pragma once
#include "mechanic/event.hpp"
#include "world/world.hpp"

#include <optional>

namespace persais::world {

// The forge of those repositories whose base branch is changed by requests alone.

/// Each second task's.
bool by_request(const simulation& in, const mechanic::task& t);
/// Adds to a replay that the landing's request was merged already.
void find_merged(const simulation& in, const mechanic::task& t, mechanic::replayed& now);
/// What it answers instead of merging; nullopt: it merges.
std::optional<mechanic::event> forge_declines(dice_row& d);
/// The one who asks has it merge the request, on a branch that is at `tip`; nullopt: it did so before.
std::optional<mechanic::event> forge_merges(simulation& in, const life& by, const mechanic::task& t, fence held,
                                            const mechanic::land& what, const std::string& tip);

} // namespace persais::world
