#include "telegram/store/button_action.hpp"

#include <array>

namespace persais::telegram {

namespace {

constexpr std::array<std::string_view, actions_known> words{
    "diff",   "log",           "retry",    "abort",           "push",    "give_back",  "make_task", "budget_more",
    "task",   "repo",          "add_repo", "model",           "lang",    "reset",      "status",    "tasks",
    "budget", "help",          "show",     "dialog",          "let_in",  "keep_out",   "put_out",   "drop_invite",
    "deploy", "deploy_anyway", "rollback", "rollback_anyway", "discard", "discard_it", "undiscard"};
static_assert(!words.back().empty());

} // namespace

std::string_view to_string(action what) {
    return words.at(static_cast<std::size_t>(what));
}

bool works_once(action what) {
    switch (what) {
    case action::retry:
    case action::abort:
    case action::push:
    case action::give_back:
    case action::make_task:
    case action::budget_more:
    case action::task:
        return true;
    default:
        return false;
    }
}

bool decides_on_result(action what) {
    switch (what) {
    case action::deploy:
    case action::deploy_anyway:
    case action::rollback:
    case action::rollback_anyway:
    case action::discard:
    case action::discard_it:
    case action::undiscard:
        return true;
    default:
        return false;
    }
}

} // namespace persais::telegram
