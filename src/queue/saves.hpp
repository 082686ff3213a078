#pragma once
#include "base/async.hpp"
#include "base/ids.hpp"
#include "store/store.hpp"

#include <memory>
#include <string>

namespace persais::queue {

/// Writes of states, several in one round trip and one COMMIT: those that are asked for while others are under way wait
/// for the end of one of these, and go together. Each has its own answer, as if it had gone alone. Used from one
/// executor; `db` outlives it.
class saves {
public:
    /// What a crash of the database server may take back, although it was answered: nothing, or what was written in the
    /// last second. The latter waits for no disk.
    enum class kept { surely, unless_the_server_crashes };
    saves(store::pool& db, kept how);
    /// What is under way ends by itself; what was not sent is not.
    ~saves();
    saves(const saves&) = delete;

    /// The rows of `what`. `lane` and `task` order the writes of a round trip, so that two processes which write at the
    /// same time lock rows in the same order. Throws as store::pool::query does. Who is cancelled does not learn what
    /// became of it, and the others do.
    awaitable<store::rows> write(store::statement what, std::string lane, task_id task);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace persais::queue
