#pragma once
#include "forge/requests.hpp"
#include "mechanic/task.hpp"

#include <string>

namespace persais::worker {

/// The branch of the request that lands a task: the task's own, or for what takes a landing back, or brings it again,
/// one that says what.
std::string branch_of_request(const mechanic::task& t);
/// Title and text of a task's request; English, as all that is written into repositories.
forge::new_request request_text(const mechanic::task& t);

} // namespace persais::worker
