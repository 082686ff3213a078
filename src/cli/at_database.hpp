#pragma once
#include "app/database.hpp"

#include <functional>

namespace persais::cli {

/// For a command that needs only the database: opens it, runs `work` to its end on a loop, closes it. The value is the
/// exit code that `work` returns; when the database is unreachable it is 3, with one sentence on standard error.
int at_database(const config::settings& settings, std::function<awaitable<int>(app::database&)> work);

} // namespace persais::cli
