#pragma once
#include "mechanic/task.hpp"

#include <string>

namespace persais::cli {

/// What a task that ends leaves at the remote, by what the branch was last seen to be; empty: nothing of it is there.
std::string branch_stays(const mechanic::task& t);
/// That the result is put away, what stays of it, and how it is taken up again.
std::string discarded_words(const mechanic::task& t);

} // namespace persais::cli
