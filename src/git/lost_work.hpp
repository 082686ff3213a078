#pragma once
#include "git/layout.hpp"

/// What a power cut took of a mirror, because an import does not wait for the disk (decision 0057).
namespace persais::git {

/// After the machine was down: removes the refs that are cut off or whose work is not whole, because one of them would
/// make every later fetch fail, and what is broken of the objects, because git would not take these objects again.
/// Until it is down again, this does nothing. `boot`: which start of the machine this is. A failure is that git could
/// not look; the next call looks again.
awaitable<outcome<void>> drop_lost_work(layout at, std::string boot);

/// The same look after objects were removed, whatever start of the machine it is: a task may have fetched a commit that
/// needs one of them in that moment. The next refresh fetches again what is removed. While all is whole, nobody waits.
awaitable<outcome<void>> drop_what_lost_objects(layout at);

} // namespace persais::git
