#pragma once
#include "app/after_restore.hpp"

namespace persais::app {

/// What `persais restore` was asked for.
struct restoring {
    std::filesystem::path file; // the backup, fetched
    bool replace = false;       // what the database holds already is put aside
};

/// Reads a backup into the database, which no service uses meanwhile; compares it with the remotes; and tells the
/// chats. An error is one sentence, and then the database, the data folder and the remotes are as they were. So they
/// are after an exception (db_error, runtime_error), unless the database is away: then, as after a kill, it is marked
/// until the next restore, and nobody works with it. All references outlive it.
awaitable<result<restored>> restore(restoring how, backup::source from);

} // namespace persais::app
