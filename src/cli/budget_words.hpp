#pragma once
#include "service/money.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// What `persais budget` shows: what everybody has left, then each budget of a repository or a person.
std::string budgets_words(const service::money_left& left, const std::vector<queue::budget_state>& own);
std::vector<boost::json::object> budgets_json(const service::money_left& left,
                                              const std::vector<queue::budget_state>& own);
/// A line: "team/app: $1.20 of $5.00 today, $14.00 of $50.00 this month".
std::string own_budget_words(const queue::budget_state& of);
/// Who paused all spending, and when.
std::string pause_words(const queue::pause_state& since);

} // namespace persais::cli
