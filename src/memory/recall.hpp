#pragma once
#include "memory/item.hpp"

#include <string>
#include <vector>

namespace persais::memory {

/// Finds what earlier tasks of a repository have to say about a new one. Of other repositories it knows nothing: the
/// address is part of each statement.
class recall {
public:
    /// `db` outlives this.
    explicit recall(store::pool& db) : db_(db) {}

    /// What has most in common with `asked`, the best first, and before it the notes that people gave as standing
    /// rules; at most `most`. Items of the task `except` are left out. Throws store::db_error, as all here do.
    awaitable<std::vector<item>> about(std::string remote, std::string asked, std::optional<task_id> except, int most);
    /// Chooses what a turn of a task is given, within the limits, and writes it down.
    awaitable<void> give(task_id to, int turn, std::string remote, std::string asked);
    /// What it is given, as far as it is there and still true: framed for an agent.
    awaitable<std::string> given(task_id to, int turn, std::string remote);
    /// The first of the files that a commit of a task changed.
    awaitable<void> worked(task_id of, std::string commit, std::vector<std::string> paths);

private:
    store::pool& db_;
};

/// What the newest turn of a task was given that was not forgotten since, in its order. Throws store::db_error.
awaitable<std::vector<item>> given_to(store::pool& db, task_id id);

} // namespace persais::memory
