#pragma once
#include "config/settings.hpp"
#include "service/refusal.hpp"

#include <cstdint>
#include <optional>
#include <set>

/// Who may do what, wherever they ask: in a chat, or on the command line (whose user owns the machine and is an admin).
namespace persais::service {

enum class role { stranger, user, admin };

/// Who has rights that no setting gives.
struct known_people {
    std::set<std::int64_t> admins; ///< by the one-time code
    std::set<std::int64_t> let_in; ///< users, by an admin's word or invitation
};

/// In production nobody has any rights while there is no admin.
role role_of(std::int64_t person, const config::settings& settings, const known_people& known);

/// What a task is to a person. Only its owner acts on it; a person who reads along where it was requested may look at
/// it.
enum class relation { none, sees, owns };
/// `asked_by`: nullopt: the task belongs to no chat. `reads_along`: the person is in the chat where it was requested.
relation relation_to(role who, std::int64_t person, std::optional<std::int64_t> asked_by, bool reads_along);

/// Whether a person for whom a task is `what` may raise its budget to `usd` in all: only an admin may, and only within
/// the daily budget.
answer<void> may_raise(role who, relation what, double usd, const config::settings& settings);

/// Whether a person for whom a task is `what` may let its work be pushed although it seems to carry a credential.
answer<void> may_push_anyway(role who, relation what);

/// Whether a person for whom a task is `what` may bring its result onto the base branch, or take it back from there.
answer<void> may_land(role who, relation what);

/// Whether one more task of a person may wait, when `waiting` others do.
answer<void> may_wait(int waiting);
/// Whether one more reply to a task may be kept, when `kept` others are.
answer<void> may_keep(int kept);

} // namespace persais::service
