#pragma once
#include "backup/archive.hpp"
#include "backup/place.hpp"
#include "base/clock.hpp"
#include "base/locked_directory.hpp"
#include "config/settings.hpp"
#include "service/remote_tokens.hpp"
#include "store/store.hpp"

#include <functional>

namespace persais::backup {

/// What is backed up, and with what. All that it refers to outlives the backup.
struct source {
    const config::settings& settings;
    std::filesystem::path exe_folder; // of this program
    store::pool& db;
    secret url; // of the same database, without a pooler
    std::string version;
    const clock& time;
    const stop_flag& stop; // set, it ends what runs on a thread
};

struct made {
    stored file;
    manifest what;
    /// The key that was made for it; empty: there was one. It is shown to a person once, who keeps it elsewhere.
    secret new_key;
};

/// Makes a backup, opens it again to see that it is what was written, and stores it; then removes those that are not
/// kept. An error is one sentence; then nothing new is stored. Throws db_error, system_error.
awaitable<result<made>> make_backup(source from, place& to);

/// How long a trial took, and why there was none: then the backup was opened, but not restored.
struct tried {
    std::chrono::milliseconds took{0};
    std::string why_not;
};

/// Fetches a backup from where it is stored and restores it into a PostgreSQL of its own, which is removed afterwards.
/// An error is one sentence: the backup is not good.
awaitable<result<tried>> try_backup(source from, place& at, std::string name);

/// A folder for one backup below PERSAIS_DATA, removed with this object; what crashes left there is removed first.
result<std::unique_ptr<locked_directory>> working_folder(const config::settings& settings);

} // namespace persais::backup
