#pragma once
#include "store/migrate.hpp"

namespace persais::store {

/// As migrate(), of these steps, which must be in the order of their numbers. Throws runtime_error (one sentence) when
/// a step that was applied has changed since. `db` must outlive the coroutine.
awaitable<int> apply(pool& db, std::vector<migration> steps);

/// What a step is told apart by: SHA-256, in hexadecimal.
std::string checksum_of(const std::string& sql);

} // namespace persais::store
