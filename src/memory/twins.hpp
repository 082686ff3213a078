#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::memory {

/// A task that wanted much the same.
struct twin {
    task_id task;
    time_point at{};
    bool reverted = false; // it was taken back, or put away, and did not come again
};
/// Those of the repository, the nearest first. Throws store::db_error.
awaitable<std::vector<twin>> twins_of(store::pool& db, std::string remote, std::string asked,
                                      std::optional<task_id> except, int most);

} // namespace persais::memory
