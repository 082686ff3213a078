#pragma once
#include "store/store.hpp"

/// Secrets that Persais stores itself; they are sealed before they come here (base/seal.hpp). All functions throw
/// store::db_error.
namespace persais::queue {

/// The sealed secret; nullopt: there is none with this name.
awaitable<std::optional<std::string>> load_secret(store::pool& db, std::string name);
/// nullopt removes the secret.
awaitable<void> keep_secret(store::pool& db, std::string name, std::optional<std::string> sealed);

} // namespace persais::queue
