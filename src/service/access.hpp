#pragma once
#include "config/settings.hpp"
#include "service/refusal.hpp"

#include <cstdint>
#include <optional>
#include <set>

/// Who may do what, wherever they ask: a chat, the command line (whose user owns the machine and is an admin).
namespace persais::service {

enum class role { stranger, user, admin };

/// `paired`: who became an admin by the one-time code. In production nobody may anything while there is no admin.
role role_of(std::int64_t person, const config::settings& settings, const std::set<std::int64_t>& paired);

/// What a task is to somebody. Only its owner acts on it; who reads along where it was asked for may look at it.
enum class relation { none, sees, owns };
/// `asked_by`: nullopt: the task belongs to no chat. `reads_along`: the person is where it was asked for.
relation relation_to(role who, std::int64_t person, std::optional<std::int64_t> asked_by, bool reads_along);

/// Whether a task may be given `usd` in all by somebody to whom it is `what`: an admin's decision, within the day's
/// budget.
answer<void> may_raise(role who, relation what, double usd, const config::settings& settings);

/// Whether one more task of a person may wait beside `waiting` others.
answer<void> may_wait(int waiting);
/// Whether one more reply to a task may be kept beside `kept` others.
answer<void> may_keep(int kept);

} // namespace persais::service
