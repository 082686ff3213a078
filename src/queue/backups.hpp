#pragma once
#include "base/clock.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What the processes of one database tell each other of its backups. All throw store::db_error.
namespace persais::queue {

struct backup_state {
    std::string name; // of the newest good one; empty: there is none
    time_point made;
    std::chrono::seconds age{0}; // of what it holds, by the database's clock
    std::int64_t bytes = 0;
    std::string why; // since then one failed; empty: none did
};
awaitable<backup_state> backup_state_of(store::pool& db);

/// Whether anything was written since what the newest good backup holds. It writes nothing itself.
awaitable<bool> changed_since_backup(store::pool& db);

/// A process's right to make the next backup.
struct backup_turn {
    std::int64_t xid = 0;   // what is written from now on may not be in it
    bool trial_due = false; // it is to be restored for a trial as well
};
/// nullopt: another process makes one now, or began one less than `interval` ago. `lasts`: after this time another one
/// may. Trials may use a twentieth of the time, and come at least every `tried_every`.
struct backup_turn_options {
    std::string holder; // a name that no other process has
    std::chrono::milliseconds interval, lasts, tried_every;
};
awaitable<std::optional<backup_turn>> take_backup_turn(store::pool& db, backup_turn_options how);

struct good_backup {
    std::string holder, name;
    time_point made;
    std::int64_t bytes = 0, xid = 0;
    std::optional<std::chrono::milliseconds> tried; // how long the trial took
};
awaitable<void> backup_is_good(store::pool& db, good_backup what);
awaitable<void> backup_failed(store::pool& db, std::string holder, std::string why);
/// Nobody of these makes one any more: they left, or have died.
awaitable<void> give_backup_turns_back(store::pool& db, std::vector<std::string> holders);
/// True, once until the next good one: there was none for longer than this.
awaitable<bool> backups_are_old(store::pool& db, std::chrono::milliseconds than);

} // namespace persais::queue
