#pragma once
#include "app/database.hpp"

#include <functional>

namespace persais::cli {

/// For a command that needs only the database: opens it, runs `work` on a loop to its end, closes it. The value is
/// work's exit code; a database that is not there is one sentence on standard error and exit code 3.
int at_database(const config::settings& settings, std::function<awaitable<int>(app::database&)> work);

} // namespace persais::cli
