#pragma once
#include "base/temp_dir.hpp"
#include "doctor/subject.hpp"
#include "pgserver/embedded.hpp"

namespace persais::doctor {

/// The database as the probes found it, for those that need one.
struct database_seen {
    findings said;                              // `database`, `role`, `schema`, `pgvector`, `pool`, `direct`
    secret url;                                 // an address that works; empty: none does
    bool has_ledger = false;                    // the schema is there, so that a model call can be counted
    std::shared_ptr<temp_dir> trial;            // where `server` is tried, when the data folder has none yet
    std::unique_ptr<pgserver::embedded> server; // to be released at the end; null when DATABASE_URL names a server
};

/// Connects to the database (or starts the embedded server, or joins that of a running service), and checks its
/// version, TLS, pgvector, pool and direct address. Creates nothing in a database of yours: whether pgvector may be
/// installed is tried in a transaction that is rolled back. In the embedded one, which is ours alone, the schema is
/// migrated; where there is none yet, one is tried in a temporary folder, and the data folder stays as it is.
awaitable<database_seen> probe_database(subject& of);

/// `backup`: how old the newest good one is, and whether the next one failed. `seen`: from probe_database(). Makes
/// none.
awaitable<finding> probe_backup(const subject& of, const database_seen& seen);

} // namespace persais::doctor
