#pragma once
#include "config/settings.hpp"
#include "queue/money.hpp"
#include "service/access.hpp"

#include <optional>
#include <string>

/// The rules about money that hold wherever somebody asks. What is reserved is the gateway's affair.
namespace persais::service {

/// The owner as people name it: a repository by its address or short name, a person by their number or `terminal`.
answer<queue::owner> repository_budget(std::string_view named);
answer<queue::owner> person_budget(std::string_view named);

/// Whether a person may set a budget: only an admin; an amount is finite and not negative, and a budget says something.
answer<void> may_set_budget(role who, const queue::own_budget& what);
/// Whether a person may pause all spending, or let it go on.
answer<void> may_pause(role who);

/// What is left of the budgets that a person's next task here would take from.
struct money_left {
    struct line {
        queue::owner of; // both empty: everybody's
        bool month = false;
        double spent_usd = 0, budget_usd = 0;
        double left() const { return std::max(0.0, budget_usd - spent_usd); }
    };
    std::vector<line> lines; // everybody's day first
    std::optional<queue::pause_state> paused;
};
/// `person`: a number, or `terminal`; `repository`: its short name in lower case, or empty.
awaitable<money_left> money_left_for(store::pool& db, const config::settings& settings, time_point now,
                                     std::string person, std::string repository);

/// The sentence of a warning, for admins.
std::string warning_words(const queue::budget_warning& what);
/// "everybody", "you/shop", "person 123", "the terminal".
std::string owner_words(const queue::owner& of);

} // namespace persais::service
