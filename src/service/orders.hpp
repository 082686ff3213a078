#pragma once
#include "config/settings.hpp"
#include "mechanic/task.hpp"
#include "queue/repositories.hpp"
#include "queue/turns.hpp"
#include "service/refusal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Pure functions that derive a task's order from what a person wrote and from the settings.
namespace persais::service {

/// The text that a person wrote, trimmed, as an order or a reply contains it.
answer<std::string> instruction_from(std::string_view written,
                                     mechanic::order::kind what = mechanic::order::kind::change);

/// Whether the words may ask for anything: neither signs and invisible characters alone nor a lone thank-you do.
bool asks_for_something(std::string_view said);

/// Whether an instruction of so many characters is accepted.
bool fits(std::size_t characters);

/// What a person asks for; whatever is not given comes from the settings.
struct request {
    mechanic::order::kind what = mechanic::order::kind::change;
    std::string instruction;
    std::string remote = {}; ///< empty: GIT_REMOTE_URL
    std::optional<std::string> base_branch = {}, check = {}, setup = {}, model = {};
    std::optional<double> budget_usd = {};
    std::string asked_by = {}; ///< "terminal", or a person's number
};
/// The order of a request. Whether its remote is allowed is checked by `acceptable` (remotes.hpp).
/// `own`: what is set for its repository; null: nothing.
answer<mechanic::order> order_from(request what, const config::settings& now, const queue::repository* own = nullptr);

/// The order of a task that makes the change which an answer proposes.
answer<mechanic::order> order_of_answer(const mechanic::task& question, const config::settings& now,
                                        const queue::repository* own = nullptr);

/// The order of a new task that asks for the same as a settled one, in all its turns, and refers to it. What the person
/// wrote comes from the old task; what came from the settings (model, budget, attempts, rounds) has its current value,
/// because a retry is often wanted after one of them was changed. `turns`: those that were begun.
answer<mechanic::order> order_of_retry(const mechanic::task& old, const std::vector<queue::reply>& turns,
                                       const config::settings& now, const queue::repository* own = nullptr);

} // namespace persais::service
