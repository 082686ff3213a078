#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace persais::queue {

/// The tasks whose result somebody agreed to, and which others have to agree to as well: the oldest, at most
/// limits::landings_shown. Throws store::db_error.
awaitable<std::vector<task_id>> tasks_with_approvals(store::pool& db);

/// Writes down that the others heard of somebody's approval: in the transaction that tells them, so that whoever
/// decides it again after a crash tells them still.
store::statement approval_told(task_id id, std::string by);

} // namespace persais::queue
