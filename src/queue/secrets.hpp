#pragma once
#include "base/clock.hpp"
#include "store/store.hpp"

/// Secrets that Persais stores itself; they are sealed before they come here (base/seal.hpp). All functions throw
/// store::db_error.
namespace persais::queue {

/// The channel on which each process is told that a row of them changed.
inline constexpr const char* secrets_channel = "persais_secrets";

/// The sealed secret; nullopt: there is none with this name.
awaitable<std::optional<std::string>> load_secret(store::pool& db, std::string name);
/// nullopt removes the secret.
awaitable<void> keep_secret(store::pool& db, std::string name, std::optional<std::string> sealed);

/// Rows of a change of the master key that is under way: the new key sealed with the old one, and the old one with the
/// new.
inline constexpr const char* next_master_key = "master_key_next";
inline constexpr const char* master_key_before = "master_key_before";
struct key_change {
    std::string next, before; // sealed
};
/// nullopt: none is under way, or the tables are not there yet.
awaitable<std::optional<key_change>> load_key_change(store::pool& db);
/// False: one is under way already, and nothing is written.
awaitable<bool> begin_key_change(store::pool& db, key_change what);
/// With its row of the audit.
awaitable<void> end_key_change(store::pool& db, std::string by);

/// A secret of the settings that was set at run time.
struct secret_of_setting {
    std::string name; // OPENROUTER_API_KEY
    std::string sealed;
    time_point set_at;
};
/// All of them, by their names. None where the tables are not there yet.
awaitable<std::vector<secret_of_setting>> secrets_of_settings(store::pool& db);
/// With the row of the audit for it. `by`: "terminal", or a person's number.
store::statement set_secret(std::string name, const std::string& sealed, std::string by);
/// As set_secret; changes nothing where it is not set.
store::statement unset_secret(std::string name, std::string by);

} // namespace persais::queue
