#pragma once
#include "queue/listing.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// A table with a head, each task one line of at most `columns` (not below 72): number, state, age of that state, cost,
/// repository (when there are several), and of the instruction what there is room for.
std::string task_table(const std::vector<queue::summary>& tasks, time_point now, std::size_t columns);

/// `persais tasks --json`: {"event":"task","task":"17","state":"review","verdict":"ready",…}
boost::json::object summary_json(const queue::summary& s);

} // namespace persais::cli
