#pragma once
#include "api/task_json.hpp"
#include "app/database.hpp"
#include "queue/repositories.hpp"

#include <string>

#include <boost/json/object.hpp>

namespace persais::cli {

/// What the command line of `persais repo …` asks for.
struct repo_request {
    std::string name, key, value;
    std::string url, base, setup, check; // of `add`; `name` may be empty
    std::string file;                    // that a secret is read from; "-" or empty: standard input
    bool back = false;                   // it is taken back: `token --remove`
    bool json = false;
};

// The work of the subcommands, on the database that on_tasks() opened; the value is the exit code. `what` is held by
// the command line, which outlives them.
awaitable<int> repo_list(const repo_request& what, app::database& db, const config::settings& settings);
awaitable<int> repo_show(const repo_request& what, app::database& db, const config::settings& settings);
awaitable<int> repo_add(const repo_request& what, app::database& db, const config::settings& settings);
awaitable<int> repo_set(const repo_request& what, app::database& db, const config::settings& settings);
awaitable<int> repo_unset(const repo_request& what, app::database& db, const config::settings& settings);
awaitable<int> repo_remove(const repo_request& what, app::database& db, const config::settings& settings);
awaitable<int> repo_token(const repo_request& what, app::database& db, const config::settings& settings);
/// `value`: set or unset; empty: the names are listed.
awaitable<int> repo_env(const repo_request& what, app::database& db, const config::settings& settings);

/// One repository as `persais repo list` shows it, in a line.
std::string repository_line(const queue::repository& one);
/// As `persais repo show` does.
std::string repository_card(const queue::repository& one);
using api::repository_json;

} // namespace persais::cli
