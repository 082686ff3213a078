#pragma once
#include "api/task_json.hpp"

#include <string>

#include <boost/json/object.hpp>

namespace persais::cli {

/// All that `persais show` shows of one task.
using task_card = api::task_view;

/// Lines for people: a first sentence that says how the task stands, then what it is about, what was made, what it cost
/// and what to do next.
std::string card_text(const task_card& c);

/// The JSON of `persais show --json`; contract.md's names where `persais run --json` has the same.
boost::json::object card_json(const task_card& c);

} // namespace persais::cli
