#pragma once
#include "base/clock.hpp"
#include "llm/types.hpp"
#include "mechanic/task.hpp"
#include "memory/item.hpp"
#include "queue/costs.hpp"
#include "queue/listing.hpp"
#include "queue/people.hpp"
#include "queue/repositories.hpp"
#include "queue/tasks.hpp"
#include "service/tasks.hpp"

#include <string>

#include <boost/json.hpp>

/// What programs are told of tasks and what is around them, by the API and by --json of the command line:
/// docs/json.schema.json.
namespace persais::api {

/// All that is told of one task.
struct task_view {
    mechanic::task task;
    queue::task_metadata around;
    llm::spent spent;
    std::vector<queue::reply> turns = {}; // the replies, in order
    std::optional<service::tasks::approvals_so_far> approvals = {};
    std::vector<memory::item> given = {}; // to its newest turn
};
boost::json::object task_json(const task_view& c);
boost::json::object summary_json(const queue::summary& s);
boost::json::object happening_json(task_id task, const queue::happening& h);
/// No secret is in it.
boost::json::object repository_json(const queue::repository& one);
boost::json::object person_json(const queue::team_member& who);
boost::json::object cost_json(const std::string& by, const queue::cost_line& line);

/// "2026-11-23T23:57:01.250Z".
std::string stamp(time_point at);
/// How a deployment was seen to be; null: it was not looked at.
boost::json::value health_json(const mechanic::task& t);
/// The files that are pointed out.
boost::json::array noted_json(const mechanic::work& w);
/// {"sent":2140,"received":310}, and "cached" where some were.
boost::json::object tokens_json(const llm::spent& s);

} // namespace persais::api
