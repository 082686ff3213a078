#pragma once
#include "api/task_json.hpp"
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
using api::cost_json;

/// "2026-11-30", a day that is in the calendar.
CLI::Validator calendar_day();
/// Of a calendar_day().
std::string day_after(const std::string& day);

} // namespace persais::cli
