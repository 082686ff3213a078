#pragma once
#include "git/layout.hpp"
#include "sandbox/child_spec.hpp"

/// Objects that a power cut took the contents of, while their files are there.
namespace persais::git {

/// What a git that was to read objects has found.
enum class reading { whole, lost, unknown };

/// unknown: the git did not come to an end of its own, or the machine did not let it read.
reading read_what(const sandbox::child_result& result);

/// Whether what no ref may name yet is whole: the newest packs are read, because older ones have long been written.
awaitable<outcome<bool>> newest_are_whole(layout at);

/// Moves the packs that are not whole into `broken` beside the mirror, and removes loose objects that are not. git
/// would believe that it has what is in there, and refuse each pack that brings one of these objects again. Nobody may
/// use the mirror meanwhile.
awaitable<outcome<void>> put_away_broken_objects(layout at);

} // namespace persais::git
