#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

/// What becomes of the rows of a database that was restored from a backup, before anybody works with it. All throw
/// store::db_error.
namespace persais::queue {

/// Removes our tables and all that is in them, and nobody else's: where something of theirs depends on ours, it throws
/// ("2BP01") and nothing was changed.
awaitable<void> clear_tables(store::pool& db);

/// A restore is under way from now on: nobody works with the database until its end, which may be another process's.
/// `aside`: the file with what the database held before; empty: nothing.
awaitable<void> begin_restoring(store::pool& db, std::string aside);
/// `aside` of the restore that did not come to its end; nullopt: there is none.
awaitable<std::optional<std::string>> begun_restoring(store::pool& db);
awaitable<void> end_restoring(store::pool& db);

/// In one transaction: messages that were not sent are given up and updates that were not done are taken for done,
/// because either may have happened after the backup; whoever still works for the database of before can write nothing;
/// leases are over; invitations and one-time codes are void; and new tasks get numbers that no task had after the
/// backup. Harmless to repeat, but for the numbers.
awaitable<void> take_over_restored(store::pool& db);

/// The tasks that go on by themselves, but for those that land.
awaitable<std::vector<task_id>> going_on(store::pool& db);

/// The landings that brought nothing onto the base branch yet, as far as the backup knows. Whoever is called `owner`
/// may save them.
awaitable<std::vector<task_id>> landings_to_stop(store::pool& db, std::string owner);

/// The task ends, needing a person, with this sentence.
awaitable<void> park_restored(store::pool& db, task_id id, std::string sentence);

/// A chat in which something was asked for lately.
struct active_chat {
    std::int64_t chat = 0, topic = 0;
    std::string language; // en, ru
};
awaitable<std::vector<active_chat>> active_chats(store::pool& db, int days);

} // namespace persais::queue
