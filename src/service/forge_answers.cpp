// What people at a forge are told.
#include "base/text.hpp"
#include "service/forge_orders.hpp"
#include "service/limits.hpp"

#include <variant>

#include <fmt/format.h>

namespace persais::service {

using namespace mechanic;

namespace {

std::string linked(const std::string& name, const std::string& page) {
    return page.empty() ? fmt::format("`{}`", name) : fmt::format("[`{}`]({})", name, page);
}

std::string result_words(const task& t, verdict how, const std::string& branch) {
    const auto& k = t.known;
    auto out = fmt::format("The result of task {}: {}.", t.id.value, words(how));
    if (has_branch(how) && !k.branch.empty()) out += " Branch: " + linked(k.branch, branch) + ".";
    if (!k.request.empty()) out += " Request: " + k.request;
    if (!k.check.command.empty() && k.after != check_outcome::not_run)
        out += fmt::format("\n\nChecks: `{}`, {}.", k.check.command,
                           k.after == check_outcome::green ? "green" : "not green");
    if (k.came_to_nothing) out += fmt::format("\n\nThe newest turn came to nothing: {}", k.came_to_nothing->sentence);
    if (!k.not_landed.empty()) out += "\n\n" + k.not_landed;
    return out;
}

std::string what_it_waits_for(const task& t, wait_reason why) {
    if (why == wait_reason::task_budget)
        return fmt::format("Task {} has used up its budget (${:.2f}): somebody has to give it more, or end it.",
                           t.id.value, t.what.budget_usd);
    if (why == wait_reason::paused) return fmt::format("Task {} waits: all spending is paused.", t.id.value);
    if (why == wait_reason::day_budget || why == wait_reason::month_budget)
        return fmt::format("Task {} waits, because a budget is used up.", t.id.value);
    return fmt::format("Task {} waits, because the model's key or credit is not there.", t.id.value);
}

} // namespace

std::string accepted_at_forge(task_id id, int turn, bool red) {
    if (red) return fmt::format("Task {} goes on: what is red is mended.", id.value);
    return turn == 0 ? fmt::format("Accepted as task {}.", id.value)
                     : fmt::format("Accepted as a reply to task {}.", id.value);
}

std::string standing_at_forge(const task& t, const std::string& branch) {
    const auto id = t.id.value;
    auto said = std::visit(
        each_state{[&](const review& s) { return result_words(t, s.how, branch); },
                   [&](const failed& s) { return fmt::format("Task {} came to nothing: {}", id, s.sentence); },
                   [&](const parked& s) { return fmt::format("Task {} waits for a person: {}", id, s.sentence); },
                   [&](const aborted&) { return fmt::format("A person ended task {}.", id); },
                   [&](const discarded&) { return fmt::format("A person put the result of task {} away.", id); },
                   [&](const expired&) { return fmt::format("Nobody decided on the result of task {} in time.", id); },
                   [&](const answered&) { return t.known.said; },
                   [&](const deployed& s) { return fmt::format("Task {} is deployed: {}.", id, s.commit); },
                   [&](const rolled_back& s) { return fmt::format("Task {} was rolled back by {}.", id, s.commit); },
                   [&](const waiting& s) { return what_it_waits_for(t, s.why); },
                   [](const one_of<queued, preparing, coding, checking, publishing, answering, deploying,
                                   rolling_back> auto&) { return std::string(); }},
        t.now);
    return calls_nobody(text::cut(said, limits::forge_answer_bytes));
}

std::string calls_nobody(std::string words) {
    constexpr std::size_t sign_and_its_shadow = 4; // bytes
    for (std::size_t at = 0; (at = words.find_first_of("@#", at)) != words.npos; at += sign_and_its_shadow)
        words.insert(at + 1, "\u200b");
    // A comment in it could be taken for a mark of ours.
    for (std::size_t at = 0; (at = words.find("<!--", at)) != words.npos;)
        words.replace(at, 1, "&lt;");
    return words;
}

} // namespace persais::service
