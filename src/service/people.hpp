#pragma once
#include "config/settings.hpp"
#include "service/access.hpp"
#include "store/store.hpp"

/// The rules about people's rights that hold wherever somebody asks. What changes is written by queue/people.hpp; that
/// the last admin stays is held there once more, in the transaction.
namespace persais::service {

/// Only an admin may give roles and take people out.
answer<void> may_decide_on_people(role who);

/// Who has rights that no setting gives.
awaitable<known_people> load_known_people(store::pool& db);

/// What taking a person out would do.
struct removal {
    bool has_rights = false; // that no setting gives; else there is nothing to take
    bool last_admin = false; // nobody could decide anything afterwards
    int tasks = 0;           // without a result, which are aborted
};
awaitable<removal> removal_of(store::pool& db, const config::settings& settings, std::int64_t person);

struct role_change {
    bool possible = false;
    bool last_admin = false; // why not; else there is no role to take back
};
/// `given`: nullopt: the role there is taken back.
awaitable<role_change> role_change_of(store::pool& db, const config::settings& settings, std::int64_t person,
                                      std::string repository, std::optional<role> given);

} // namespace persais::service
