#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace persais::queue {

/// A wish about the pull request of a task: `close` it, because its result was put away, or open it again.
struct request_duty {
    task_id task;
    bool close = true;
    std::string state;       // of the task when it was wished
    std::string since;       // tells it from a later wish about the same task
    std::int64_t number = 0; // of microseconds, which tells it as well
    int tries = 0;           // that came to nothing
};

/// Those that are due; for `hold` nobody else gets them. All of these throw store::db_error; `db` outlives them.
awaitable<std::vector<request_duty>> claim_request_duties(store::pool& db, std::chrono::seconds hold);
/// It was done, or nothing more can be done; a later wish stays.
awaitable<void> end_request_duty(store::pool& db, request_duty what);
/// It is due again after `pause`.
awaitable<void> put_off_request_duty(store::pool& db, request_duty what, std::chrono::seconds pause);
/// The time until the next one is due; nullopt: there is none.
awaitable<std::optional<std::chrono::milliseconds>> next_request_duty(store::pool& db);

} // namespace persais::queue
