#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"

#include <vector>

namespace persais::queue {

/// The tasks whose result somebody agreed to, and which others have to agree to as well: the oldest, at most
/// limits::landings_shown. Throws store::db_error.
awaitable<std::vector<task_id>> tasks_with_approvals(store::pool& db);

} // namespace persais::queue
