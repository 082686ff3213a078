#pragma once
#include "queue/audit.hpp"
#include "queue/overview.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// "Landing on you/shop: task 17 (deploy), then 18, 19."
std::string lane_words(const queue::lane& l);

/// What `persais status` prints, and with --json.
std::string status_words(const queue::overview& now, const std::vector<queue::lane>& lanes, double day_budget_usd);
boost::json::object status_json(const queue::overview& now, const std::vector<queue::lane>& lanes,
                                double day_budget_usd);

} // namespace persais::cli
