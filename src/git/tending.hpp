#pragma once
#include "git/layout.hpp"

/// The care of mirrors beside the work (decision 0066).
namespace persais::git {

/// For each mirror below `root` that nobody uses now: joins its packs when there are more than limits::tended_packs and
/// writes down the graph of its commits; and once in limits::pruned_every removes objects that no ref has had for
/// limits::unneeded_kept, and refs of commits that were asked for as long ago. What misses an object after that is
/// fetched again. It can be killed at any instant, and tasks may come while it runs.
awaitable<> tend_mirrors(std::filesystem::path root, std::filesystem::file_time_type now);

/// How many packs a mirror has.
int packs_of(const layout& at);

/// Joins the packs. Unreachable objects are kept. The caller holds at.tending() alone.
awaitable<> join_packs(layout at);

} // namespace persais::git
