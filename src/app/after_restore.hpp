#pragma once
#include "backup/make.hpp"
#include "queue/people.hpp"

/// What follows when a backup is in the database. All references outlive these coroutines.
namespace persais::app {

struct restored {
    backup::manifest what;
    std::filesystem::path put_aside;   // the file with what the database held before; empty: nothing
    std::vector<task_id> parked;       // they had gone on after the backup, or their remote could not be looked at
    std::vector<std::string> troubles; // sentences: what could not be compared or brought back
    int chats_told = 0;
    std::vector<task_id> stopped;           // landings that were approved, and are asked for anew
    std::vector<queue::team_member> people; // with rights that no setting gives, as of the backup
};

/// Landings that were approved do not go on: they may have come through after the backup, or been taken back.
awaitable<void> stop_landings(backup::source from, store::pool& db, restored& done);

/// Looks at the remotes of the tasks that go on: what went on after the backup is parked, so that nothing is done or
/// pushed twice, as is what cannot be compared. Brings back work that stood in the mirrors alone. `folder`: the parts
/// of the backup.
awaitable<void> compare_with_remotes(backup::source from, store::pool& db, std::filesystem::path folder,
                                     restored& done);

/// Tells each chat that was active from when the service was restored. Returns how many.
awaitable<int> tell_chats(store::pool& db, const restored& done);

/// Tells the admins that backups do not come about.
awaitable<void> tell_admins_of_old_backups(store::pool& db, const config::settings& settings);

bool same_content(const std::filesystem::path& one, const std::filesystem::path& other);

} // namespace persais::app
