#pragma once
#include "queue/audit.hpp"
#include "queue/backups.hpp"
#include "queue/money.hpp"
#include "queue/overview.hpp"
#include "service/tasks.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// "Landing on you/shop: task 17 (deploy), then 18, 19."
std::string lane_words(const queue::lane& l);

/// "Task 17 on you/shop: 1 of 2 approvals (person 11)."
std::string approvals_words(const service::tasks::approvals_so_far& a);

/// What `persais status` shows.
struct status {
    queue::overview now;
    std::vector<queue::lane> lanes;
    std::vector<service::tasks::approvals_so_far> approvals; // of what waits for more
    double day_budget_usd = 0;
    queue::backup_state backup = {};
    std::optional<queue::pause_state> paused = {};
};
std::string status_words(const status& s);
boost::json::object status_json(const status& s);

} // namespace persais::cli
