#pragma once
#include "app/database.hpp"
#include "config/reading.hpp"

#include <spdlog/common.h>

namespace persais::cli {

/// Puts the secrets that were set at run time, as this database holds them, into the settings of a command, and hides
/// them from its log. The command uses neither meanwhile. Throws store::db_error.
awaitable<void> put_in_force(store::pool& db, config::settings& settings, spdlog::level::level_enum quietest);

/// The settings with these secrets, where they come from, and the notes about them.
struct in_force {
    config::reading read;
    std::vector<std::string> notes; // what is not known, because the database does not say it
};
/// Asks the database, where there is one, for at most limits::secrets_asked_within. On a loop of its own.
in_force read_in_force();

} // namespace persais::cli
