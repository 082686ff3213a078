#pragma once
#include "queue/listing.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// A table with a header, each task one line of at most `columns` (at least 72): number, state, age of that state,
/// cost, repository (when there are several), and as much of the instruction as fits.
std::string task_table(const std::vector<queue::summary>& tasks, time_point now, std::size_t columns);

/// An entry of `persais tasks --json`: {"event":"task","task":"17","state":"review","verdict":"ready",…}
boost::json::object summary_json(const queue::summary& s);

} // namespace persais::cli
