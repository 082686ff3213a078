#pragma once
#include "queue/costs.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <CLI/CLI.hpp>

namespace persais::cli {

/// What `persais costs` prints. `by`: its word for the groups. docs/money.md explains the columns.
std::string cost_table(const std::string& by, const std::vector<queue::cost_line>& all);
/// With all digits of the ledger; a cell with a comma, a quotation mark or a line's end is quoted (RFC 4180).
std::string costs_csv(const std::string& by, const std::vector<queue::cost_line>& all);
boost::json::object cost_json(const std::string& by, const queue::cost_line& line);

/// "2026-11-30", a day that is in the calendar.
CLI::Validator calendar_day();
/// Of a calendar_day().
std::string day_after(const std::string& day);

} // namespace persais::cli
