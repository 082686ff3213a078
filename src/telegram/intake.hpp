#pragma once
#include "queue/inbox.hpp"

#include <functional>
#include <memory>

namespace persais::telegram {

/// The way into the inbox, whichever way updates come. They are committed in groups: while one COMMIT is under way the
/// next group gathers, and a lone update goes at once. One executor.
class intake {
public:
    /// `stored` hears of each COMMIT. `db` outlives us.
    intake(const asio::any_io_executor& executor, store::pool& db, std::function<void()> stored);
    ~intake();
    intake(const intake&) = delete;

    /// True after the COMMIT that holds all of them. False: they could not be stored now, for too much waits or the
    /// database does not answer; whoever sent them keeps them. One that was sent before is stored once.
    awaitable<bool> take(std::vector<queue::raw_update> some);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace persais::telegram
