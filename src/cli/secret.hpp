#pragma once
#include "app/database.hpp"
#include "cli/in_force.hpp"
#include "doctor/examine.hpp"

#include <memory>
#include <string>

namespace persais::cli {

/// What `persais secret` was given.
struct secret_request {
    std::string name; // of a setting
    bool from_stdin = false;
    bool untried = false;
    bool json = false;
    bool finish = false;                       // of reseal: the change of the master key ends
    std::shared_ptr<doctor::visit> visit = {}; // of whoever tries the secret; outlives the loop
};

awaitable<int> secret_set(secret_request& what, app::database& db, const config::settings& settings);
awaitable<int> secret_unset(const secret_request& what, app::database& db, const config::settings& settings);
/// Prints no value.
awaitable<int> secret_list(const secret_request& what, app::database& db, const config::settings& settings);
/// Changes the master key: everything is sealed with a new one, or (`finish`) the old one opens nothing any more.
awaitable<int> secret_reseal(const secret_request& what, app::database& db, const config::settings& settings);
/// As secret_list, where there is no database.
int secret_list_without_database(const secret_request& what);

} // namespace persais::cli
