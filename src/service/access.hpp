#pragma once
#include "config/settings.hpp"
#include "queue/audit.hpp"
#include "queue/tasks.hpp"
#include "service/refusal.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Who may do what, wherever they ask: in a chat, or on the command line (whose user owns the machine and is an admin).
namespace persais::service {

/// In their order: each may what the ones before it may. A reader looks at tasks; a user (a `member`) gives them; a
/// deployer lands results where no rule names people; an admin decides about people, money and settings.
enum class role { stranger, reader, user, deployer, admin };
/// As people write it: reader, member, deployer, admin. nullopt: it is none of these.
std::optional<role> role_named(std::string_view name);
std::string_view name_of(role r);

/// Who has rights that no setting gives.
struct known_people {
    std::set<std::int64_t> admins; ///< by the one-time code
    std::set<std::int64_t> let_in; ///< users, by an admin's word or invitation
    /// Roles by an admin's word: of a person, by the repository's short name in lower case; "": everywhere.
    std::map<std::int64_t, std::map<std::string, role>> grants = {};
};

/// What a person may do where nothing else is said of the repository: who has a role in some repository only is at
/// least a reader, as far as that. In production nobody has any rights while there is no admin.
role role_of(std::int64_t person, const config::settings& settings, const known_people& known);
/// What they may do in one repository: the role that was given there, else that of everywhere. An admin is one in all.
role role_in(std::int64_t person, std::string_view remote, const config::settings& settings, const known_people& known);
/// The key of known_people::grants for a remote.
std::string repository_key(std::string_view remote);
/// Whether a person with this role in its repository may give tasks, and reply to them.
answer<void> may_give(role who);

/// What a task is to a person. Only its owner acts on it; a person who reads along where it was requested may look at
/// it.
enum class relation { none, sees, owns };
/// `asked_by`: nullopt: the task belongs to no chat. `reads_along`: the person is in the chat where it was requested.
relation relation_to(role who, std::int64_t person, std::optional<std::int64_t> asked_by, bool reads_along);
/// The same with what else lets a person look at the tasks of a repository: a role that they were given there, and that
/// DEPLOY_RULES has them land its results. `given`: the repositories in which they were given a role; "" is everywhere.
relation relation_at(std::string_view remote, role who, std::int64_t person, std::optional<std::int64_t> asked_by,
                     bool reads_along, const std::vector<std::string>& given, const config::settings& settings);

/// Whether a person for whom a task is `what` may raise its budget to `usd` in all: only an admin may, and only within
/// the daily budget.
answer<void> may_raise(role who, relation what, double usd, const config::settings& settings);

/// Whether a person for whom a task is `what` may let its work be pushed although it seems to carry a credential.
answer<void> may_push_anyway(role who, relation what);

/// Who may bring results of a repository onto its base branch and take them back, and how many have to agree to the
/// first (DEPLOY_RULES).
struct landing_rule {
    std::optional<std::vector<std::int64_t>> people; ///< nullopt: the admins
    bool own = true;                                 ///< somebody's approval counts of what they asked for
    int approvals = 1;
    bool every_admin_alone() const { return !people && own && approvals == 1; }
};
landing_rule landing_rule_of(std::string_view remote, const config::settings& settings);

/// Somebody who wants a result landed, or approved it. `person`: nullopt: at a terminal of this machine.
struct lander {
    role who = role::admin;
    relation what = relation::owns;
    std::optional<std::int64_t> person = {};
    bool asked = false;                                            ///< for this change
    enum class code { shown, missing, no_app } second_factor = {}; ///< of an authenticator app, within the window
};
/// Whether they may bring the result onto the base branch, or take it back from there (`back`), as far as it is theirs
/// to decide: others may have to agree.
answer<void> may_land(const lander& who, const landing_rule& rule, bool back);

/// What is known of landings of `remote`, with the one grant of each person that counts there.
queue::landing_record with_grants_at(std::string_view remote, queue::landing_record known);

/// The lander that asks as `by` (landing::by), as the settings and the database know them now.
lander lander_of(const std::string& by, role who, relation what, const queue::landing_record& known,
                 const config::settings& settings);
/// Who agreed so far, of those whose approval counts now: a right that was taken back takes its approvals along.
std::vector<std::string> approvals_that_count(const queue::landing_record& known, const landing_rule& rule,
                                              const config::settings& settings);
/// Whether that takes a look at who the people are (queue::landing_record), for this landing.
bool depends_on_people(const mechanic::landing& l, const landing_rule& rule);
/// Why a landing may not go on, because a right went away on which it stands: a sentence. nullopt: it may.
std::optional<std::string> right_that_went(const mechanic::landing& l, const queue::landing_record& known,
                                           const landing_rule& rule, const config::settings& settings);

/// The rights that these settings give, as the audit keeps them.
std::vector<queue::right_by_setting> rights_by_settings(const config::settings& settings);

/// The people who may land under this rule.
std::vector<std::int64_t> who_may_land(const queue::landing_record& known, const landing_rule& rule,
                                       const config::settings& settings);

/// Whether one more task of a person may wait, when `waiting` others do. `most`: what was set for the person, which is
/// no more than limits::person_waiting.
answer<void> may_wait(int waiting, std::optional<int> most = {});
/// Whether one more reply to a task may be kept, when `kept` others are.
answer<void> may_keep(int kept);

} // namespace persais::service
