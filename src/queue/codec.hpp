#pragma once
#include "mechanic/task.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace persais::queue {

/// Converts between a task and its row. `columns` is the list that `read` expects, in order; times are exchanged as
/// microseconds of Unix time, so that nothing is rounded. `read` throws std::exception for a row that this version
/// cannot use.
std::string_view columns();
mechanic::task read(const store::rows& from, int row);

/// The state's columns in the order of `state_columns`: state, attempt, round, not_before, commit_id, verdict,
/// wait_reason, wait_until, give_up_at, reason, sentence, facts.
std::vector<store::param> state_values(const mechanic::task& t);

/// `{failed,aborted,…}`: the names of all states for which `which` is true, as PostgreSQL reads an array.
std::string array_of_states(bool (*which)(const mechanic::state&));

std::string facts_json(const mechanic::facts& k);
mechanic::facts facts_from(std::string_view json);

} // namespace persais::queue
