#pragma once
#include "store/conninfo.hpp"

namespace persais::store {

/// Decides how a connection is secured where the address does not say it (docs/decisions/0010): near hosts by libpq's
/// default, all others with TLS and a verified certificate. Neon is verified even where the address says
/// `sslmode=require`, because that verifies nothing. Other settings in the address stay unchanged. Verification uses
/// `sslrootcert`, else `ca_file` (SSL_CERT_FILE), else the system's authorities, which libpq 15 supports neither by
/// default nor by `sslrootcert=system`.
void secure(conninfo& info, const std::string& ca_file);

} // namespace persais::store
