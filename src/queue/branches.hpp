#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What is known of tasks' branches, without reading each task. All throw store::db_error.
namespace persais::queue {

/// The tasks of this remote whose branch has one of these names.
awaitable<std::vector<task_id>> tasks_with_branches(store::pool& db, std::string remote,
                                                    std::vector<std::string> names);

/// How many tasks somebody works on now.
awaitable<std::int64_t> tasks_held(store::pool& db);

} // namespace persais::queue
