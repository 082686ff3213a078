#pragma once
#include "base/seal.hpp"
#include "config/settings.hpp"
#include "store/store.hpp"

namespace persais::service {

/// The master key of the settings, and what a change of it that is under way adds (service/reseal.hpp): with a row in
/// the database that only the old key opens, and one that only the new key opens, whoever has either has both.
struct master_keys {
    secret here;                // of the settings
    std::optional<secret> next; // the one that is changed to; nullopt: no change is under way that this key knows of
    std::optional<secret> before;
    /// The key of the settings is the new one.
    bool arrived() const { return next && *next == here; }
};
/// An error is one sentence: there is no key. Throws store::db_error.
awaitable<result<master_keys>> read_master_keys(store::pool& db, const config::settings& settings);

/// Shuts with the master key; while that is being changed, with the new one, and opens with both.
seal seal_of(const master_keys& keys);
/// As seal_of for read_master_keys. Ask anew for each piece of work, because a change may begin at any time.
awaitable<result<seal>> master_seal(store::pool& db, const config::settings& settings);

} // namespace persais::service
