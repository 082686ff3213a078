#include "telegram/outbound/outgoing.hpp"

#include <array>

namespace persais::telegram {

namespace {

constexpr std::array<std::string_view, 17> words{"diff",   "log",   "retry",    "abort", "make_task", "budget_more",
                                                 "task",   "repo",  "add_repo", "model", "lang",      "reset",
                                                 "status", "tasks", "budget",   "help",  "cancel"};
static_assert(words.size() == static_cast<std::size_t>(action::cancel) + 1);

} // namespace

std::string_view spelling(action what) {
    return words.at(static_cast<std::size_t>(what));
}

std::optional<action> action_from(std::string_view spelling) {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == spelling) return static_cast<action>(i);
    return std::nullopt;
}

bool works_once(action what) {
    switch (what) {
    case action::retry:
    case action::abort:
    case action::make_task:
    case action::budget_more:
    case action::task:
        return true;
    default:
        return false;
    }
}

} // namespace persais::telegram
