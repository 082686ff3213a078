#pragma once
#include "app/database.hpp"

#include <functional>

namespace persais::cli {

/// For a command that needs only the database: opens it, runs `work` to its end on a loop, closes it. The value is the
/// exit code that `work` returns; when the database is unreachable it is 3, with one sentence on standard error. `none`
/// is called instead of `work` where `why` makes nothing and there is nothing; it gets the words about where that is.
struct database_command {
    app::database_options::purpose why;
    std::function<awaitable<int>(app::database&)> work;
    std::function<int(const std::string& where)> none = {}; // may be empty for `making`
};
int at_database(const config::settings& settings, database_command what);

} // namespace persais::cli
