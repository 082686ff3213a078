#pragma once
#include "forge/requests.hpp"
#include "queue/request_duties.hpp"
#include "worker/dependencies.hpp"

namespace persais::worker {

/// What is written to the request of a task whose result was put away or taken up again; English, as all that is
/// written into repositories.
std::string words_of(const queue::request_duty& what);

/// Closes the task's open request, or opens its closed one again, and says why in a comment. Doing it twice is doing it
/// once, also after a crash in between. What the forge refuses for good is done.
awaitable<forge::outcome<void>> carry_out(forge::requests& at, mechanic::task t, queue::request_duty what);

/// Closes the requests of results that were put away, and opens them again: what was wished for in the database is done
/// when the forge answers. Used from one executor.
class request_duties {
public:
    /// Both outlive it.
    request_duties(const dependencies& with, store::pool& db) : with_(with), db_(db) {}
    /// There may be something to do; the database is awake.
    void wake();
    /// What is due now; gives how long it is until the next one is.
    awaitable<std::optional<std::chrono::milliseconds>> attempt_all();
    /// Goes on until it is cancelled. It looks once when it begins and whenever it is woken, and else without SQL while
    /// nothing is due: only a task that has a request is ever due, whatever the settings of its repository are by now.
    awaitable<void> run();

private:
    awaitable<void> attempt(queue::request_duty what);

    const dependencies& with_;
    store::pool& db_;
    std::optional<event> news_;
};

} // namespace persais::worker
