#pragma once
#include "config/settings.hpp"
#include "mechanic/task.hpp"
#include "queue/turns.hpp"
#include "service/refusal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a task is asked to do, made from what a person said and what the settings are: pure.
namespace persais::service {

/// What a person wrote, as an order or a reply takes it: trimmed.
answer<std::string> instruction_from(std::string_view written,
                                     mechanic::order::kind what = mechanic::order::kind::change);

/// Whether an instruction of so many bytes is taken.
bool fits(std::size_t instruction_bytes);

/// What is asked for; what is not said comes from the settings.
struct request {
    mechanic::order::kind what = mechanic::order::kind::change;
    std::string instruction;
    std::string remote = {}; ///< empty: GIT_REMOTE_URL
    std::optional<std::string> base_branch = {}, check = {}, setup = {}, model = {};
    std::optional<double> budget_usd = {};
};
/// The order of a request. Whether its remote may be asked is for `acceptable` (repositories.hpp).
answer<mechanic::order> order_from(request what, const config::settings& now);

/// A task that makes the change which an answer proposes.
answer<mechanic::order> order_of_answer(const mechanic::task& question, const config::settings& now);

/// A new task that asks for the same as a settled one, in all its turns, and names it. What the person said is the old
/// task's; what came from the settings (model, budget, attempts, rounds) is what they are now: a retry is often wanted
/// because one of them was changed. `turns`: those that were begun.
answer<mechanic::order> order_of_retry(const mechanic::task& old, const std::vector<queue::reply>& turns,
                                       const config::settings& now);

} // namespace persais::service
