#pragma once
#include "config/settings.hpp"
#include "config/table.hpp"

namespace persais::config {

/// Where a setting's value came from.
struct origin {
    enum class from { standard, environment, env_file, secret_file, run_time };
    from where = from::standard;
    std::string variable;       ///< the variable that was read: the setting's name, its alias (NODE_ENV) or NAME_FILE
    std::filesystem::path path; ///< env_file: the .env; secret_file: the file that NAME_FILE names
    int line = 0;               ///< the line of .env, from 1, that has it (or NAME_FILE); 0: none

    /// "default", "environment NODE_ENV", ".env line 3, PORT", "file /run/secrets/key (OPENROUTER_API_KEY_FILE)",
    /// "set at run time"
    std::string words() const;
};

/// The result of reading the settings once, with or without errors.
struct reading {
    result<settings, std::vector<std::string>> made;
    std::vector<origin> origins;              ///< one for each row of table(), in the same order
    std::vector<std::filesystem::path> files; ///< .env (existing or not) and the files that NAME_FILE named
};

/// Secrets that were set while the service ran, by the names of their settings (service/run_time_secrets.hpp).
using secrets_by_name = std::map<std::string, secret>;

/// What is wrong with this value of a secret, the end of a sentence; empty: nothing.
std::string wrong_with(const row& of, const secret& value);

/// As load(), with what `persais config check` and the reloader need in addition. A secret of `run_time` wins over the
/// file that NAME_FILE names, and that over the environment; the file is not read then.
reading read(environment variables, const std::filesystem::path& folder, const secrets_by_name& run_time = {});

} // namespace persais::config
