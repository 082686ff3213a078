#pragma once
#include "base/ids.hpp"
#include "queue/limits.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace persais::queue {

/// What people ask about the service as a whole.
struct overview {
    int running = 0, queued = 0, waiting = 0; // queued and waiting are counted up to limits::queue_counted
    double spent_today = 0;                   // dollars, since midnight UTC
    std::vector<task_id> errors; // that failed or need a person, of the last 24 hours, the newest first, at most five
};
/// Throws store::db_error, as models_used() does.
awaitable<overview> overview_of(store::pool& db);

/// The models of the newest tasks, each once, at most `most`.
awaitable<std::vector<std::string>> models_used(store::pool& db, int most);

} // namespace persais::queue
