#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::queue {

/// One row of the audit, which nothing changes and no retention removes.
struct audited {
    time_point at{};
    std::optional<task_id> task;        // which may be gone; nullopt: it is about a right, or a repository's settings
    std::optional<std::int64_t> person; // whose right it is
    std::string remote;                 // empty, as is `commit`, where it is about a right
    std::string what;                   // deploy_asked, deployed, …: the table's CHECK has them all
    std::string by;                     // "terminal", or the number of a person
    std::string commit;
    bool anyway = false;     // with the extra word
    std::string detail = {}; // of a repository's settings: which one became what, never a secret; of DEPLOY_RULES: the rule for `remote`
};

/// The newest first, at most so many. Throws store::db_error.
awaitable<std::vector<audited>> audit_of(store::pool& db, std::optional<task_id> task, int most);

/// A right that a setting gives: to a person, or by a rule about a repository.
struct right_by_setting {
    std::string setting;
    std::string holder; // a person's number; of DEPLOY_RULES the repository that the rule names
    std::string rule = {};
    bool operator==(const right_by_setting&) const = default;
};
/// Adds to the audit what these differ in from those that were recorded last, by whichever process, and records them.
/// Returns the number of rows. Throws store::db_error.
awaitable<int> record_rights(store::pool& db, std::vector<right_by_setting> now);

/// Who brings something onto the base branch of a repository just now, and who waits for that.
struct lane {
    std::string remote;
    std::optional<task_id> has;   // nullopt: nobody works on one just now
    bool back = false;            // it is a rollback
    std::vector<task_id> waiting; // in their order
};
/// Of each repository with a landing under way; limits::landings_shown landings in all. Throws store::db_error.
awaitable<std::vector<lane>> lanes_of(store::pool& db);

} // namespace persais::queue
