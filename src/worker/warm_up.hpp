#pragma once
#include "worker/dependencies.hpp"

namespace persais::worker {

/// Brings the mirror of GIT_REMOTE_URL onto this disk (a clone at the first start, a fetch later), so that the first
/// task need not wait for it. Runs beside everything else; a task that comes meanwhile waits for the mirror's lock.
/// Errors are only logged, because the task that needs the mirror reports them to its person.
awaitable<void> warm_up(dependencies with);

} // namespace persais::worker
