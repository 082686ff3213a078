#pragma once
#include "app/after_restore.hpp"
#include "app/database.hpp"

namespace persais::app {

/// What `persais restore` was asked for.
struct restoring {
    std::filesystem::path file; // the backup, fetched
    bool replace = false;       // what the database holds already is put aside
};

/// Reads a backup into the database, which no service uses meanwhile; compares it with the remotes; and tells the
/// chats. An error is one sentence, and then the database, the data folder and the remotes are as they were. Throws
/// db_error. All references outlive it.
awaitable<result<restored>> restore(restoring how, backup::source from, database& db);

} // namespace persais::app
