#pragma once
#include "ops/finding.hpp"
#include "store/store.hpp"

namespace persais::ops {

/// `pgvector`: installed; or whether this role may install it, tried in a transaction that is rolled back, and else the
/// statement to run and as whom. Throws db_error when the database is lost.
awaitable<finding> probe_vector(store::pool& db);

} // namespace persais::ops
