#pragma once
#include "store/conninfo.hpp"

namespace persais::store {

/// Decides how a connection is secured where the address does not say (docs/decisions/0010): near hosts as libpq does
/// it, all others with TLS and a verified certificate; Neon also where the address says `sslmode=require`, which
/// verifies nothing. Other words of the address stay as they are. What is to be verified is verified against
/// `sslrootcert`, else `ca_file` (SSL_CERT_FILE), else the system's authorities; libpq 15 knows those neither by itself
/// nor by `sslrootcert=system`.
void secure(conninfo& info, const std::string& ca_file);

} // namespace persais::store
