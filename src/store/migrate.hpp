#pragma once
#include "store/store.hpp"

namespace persais::store {

/// One forward step of the schema, from sql/migrations/NNNN_name.sql, compiled into the binary.
struct migration {
    int number;
    std::string name;
    std::string sql;
};
/// All steps in the order of their numbers.
const std::vector<migration>& all_migrations();

/// Brings the schema up to the newest step, each in its own transaction, under an advisory lock so that two processes
/// that start at once do it once. Returns how many steps were applied. A schema that is newer than this binary is left
/// unchanged (migrations are forward only; the binary before the newest step still works on it). A database that cannot
/// be used (usability.hpp) is refused before anything is done: not_usable. `setting`: the setting that names it.
awaitable<int> migrate(pool& db, std::string setting = "DATABASE_URL");
/// The same over a separate connection, for when the pool's own cannot be used: `options.url` is direct_url(), or the
/// pooler's address when there is none. `size` does not matter.
awaitable<int> migrate(pool_options options);

struct schema_state {
    int at = 0;     // the newest step that was applied; 0: none
    int newest = 0; // that this binary knows
    bool behind() const { return at < newest; }
};
/// Changes nothing. Throws db_error.
awaitable<schema_state> look_at_schema(pool& db);

/// As migrate(), with these steps, which must be in the order of their numbers. Throws runtime_error (one sentence)
/// when a step that was applied has changed since. `db` must outlive the coroutine.
awaitable<int> apply(pool& db, std::vector<migration> steps);

/// The checksum that identifies a step's text: SHA-256, in hexadecimal.
std::string checksum_of(const std::string& sql);

} // namespace persais::store
