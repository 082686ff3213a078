#pragma once
#include "llm/gateway.hpp"
#include "mechanic/task.hpp"
#include "memory/item.hpp"
#include "queue/listing.hpp"
#include "queue/tasks.hpp"
#include "service/tasks.hpp"

#include <string>

#include <boost/json/object.hpp>

namespace persais::cli {

/// All that `persais show` shows of one task.
struct task_card {
    mechanic::task task;
    queue::task_metadata around;
    llm::spent spent;
    std::vector<queue::reply> turns = {}; // the replies, in order
    std::optional<service::tasks::approvals_so_far> approvals = {};
    std::vector<memory::item> given = {}; // to its newest turn
};

/// Lines for people: a first sentence that says how the task stands, then what it is about, what was made, what it cost
/// and what to do next.
std::string card_text(const task_card& c);

/// The JSON of `persais show --json`; contract.md's names where `persais run --json` has the same.
boost::json::object card_json(const task_card& c);

} // namespace persais::cli
