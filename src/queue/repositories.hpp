#pragma once
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The tables `repositories` and `repository_environment`: what admins have set for each repository. All functions that
/// are awaited throw store::db_error. Each statement that changes something adds the row of the audit as well.
namespace persais::queue {

/// The channel on which each process is told that a row of them changed.
inline constexpr const char* repositories_channel = "persais_repositories";

/// Whom a repository's environment reaches: nobody; setup; setup and checks.
enum class reaches { nobody, setup, checks };
std::string_view to_string(reaches whom);

struct sealed_variable {
    std::string name, sealed;
};

struct repository {
    std::int64_t id = 0;
    std::string name;   // short, unique
    std::string remote; // unique
    std::optional<std::string> base_branch = {}, setup = {}, check = {};
    std::optional<int> parallel = {};                           // tasks of it at once
    std::vector<std::string> allow = {}, protect = {};          // gitignore patterns
    std::optional<std::string> forge = {}, api = {}, land = {}; // as FORGE, its API's root, DEPLOY_STRATEGY
    std::vector<std::string> models = {};                       // that may be asked; empty: any
    bool zero_retention = false, no_collection = false;
    bool intake = false; // its forge is listened to
    reaches environment_for = reaches::nobody;
    std::optional<std::string> sealed_token = {};
    std::vector<sealed_variable> environment = {}; // in the order of the names
};

/// In the order of their names.
awaitable<std::vector<repository>> repositories_of(store::pool& db);
/// By its name, in any case of letters; `name` may also be its address.
awaitable<std::optional<repository>> repository_named(store::pool& db, std::string name);

/// A column of the table that a person sets. The value is text, a number, true or false, or a list of texts.
struct column {
    std::string_view name;
    enum class type { text, number, flag, list } is = type::text;
};

/// What is said in the audit of a change; `by`: "terminal", or a person's number.
struct change_of_repository {
    std::string by;
    std::string detail; // "check: npm test"; never a secret
};

/// Fails with 23505 when the name or the address exists already.
store::statement add_repository(const repository& what, std::string by);
/// nullopt: the default. Of a list: one text for each.
store::statement set_column(std::int64_t id, column which, std::optional<std::string> value, change_of_repository why);
store::statement set_list(std::int64_t id, column which, const std::vector<std::string>& values,
                          change_of_repository why);
/// nullopt: there is none any more.
store::statement set_token(std::int64_t id, const std::optional<std::string>& sealed, change_of_repository why);
store::statement set_variable(std::int64_t id, std::string name, const std::optional<std::string>& sealed,
                              change_of_repository why);
store::statement remove_repository(const repository& what, std::string by);

/// How many tasks of this remote are not done: they wait, or somebody works on them.
awaitable<int> unfinished_of(store::pool& db, std::string remote);
/// The addresses that tasks are of, whether or not anything is set for them.
awaitable<std::vector<std::string>> remotes_of_tasks(store::pool& db);

} // namespace persais::queue
