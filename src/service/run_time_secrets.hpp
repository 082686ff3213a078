#pragma once
#include "base/seal.hpp"
#include "config/reading.hpp"
#include "queue/secrets.hpp"
#include "service/refusal.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Secrets of the settings that are set while the service runs: stored sealed, before NAME_FILE and the environment,
/// used by every process without a restart.
namespace persais::service {

/// What such a secret is sealed for.
std::string setting_context(std::string_view name);

/// Those that are set, opened.
struct run_time_secrets {
    config::secrets_by_name values;
    std::vector<queue::secret_of_setting> rows; // all that are set
    std::vector<std::string> closed;            // names of those that cannot be opened with the master key
    /// Sentences about what cannot be opened.
    std::vector<std::string> trouble() const;
};
/// Throws store::db_error.
awaitable<run_time_secrets> read_run_time_secrets(store::pool& db, const config::settings& settings);

/// Whether it is a secret that can be set at run time; a refusal says what to do instead.
answer<const config::row*> run_time_secret(std::string_view name);
/// The names of all of those.
std::vector<std::string> names_of_run_time_secrets();

/// Whether the setting takes this value.
answer<void> takes_value(std::string_view name, const secret& value);

/// The statements with their row of the audit. Whether a service elsewhere accepts the secret is not tried.
answer<store::statement> set_run_time_secret(std::string_view name, const secret& value, const seal& sealing,
                                             const std::string& by);
answer<store::statement> unset_run_time_secret(std::string_view name, const std::string& by);

} // namespace persais::service
