#pragma once
#include "api/task_json.hpp"
#include "queue/listing.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// A table with a header, each task one line of at most `columns` (at least 72): number, state, age of that state,
/// cost, repository (when there are several), and as much of the instruction as fits.
std::string task_table(const std::vector<queue::summary>& tasks, time_point now, std::size_t columns);

using api::summary_json;

} // namespace persais::cli
