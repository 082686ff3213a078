#pragma once
#include "base/async.hpp"

#include <map>
#include <string>
#include <vector>

namespace persais::store {

/// What libpq is told to connect with: its own keywords (host, port, dbname, …) and their values.
using conninfo = std::map<std::string, std::string>;

/// Reads a postgresql:// address or a keyword=value line. Adds what Persais always wants: no GSS negotiation (it
/// blocks), keep-alives that find a dead network within `lost`. Throws db_error 08001; its text holds nothing of the
/// address, which may hold a password.
conninfo parse_conninfo(const std::string& url, std::chrono::milliseconds lost);

/// Whether the address looks like that of a pooler that gives each transaction another session.
bool names_a_pooler(const conninfo& info);

/// Resolves the host names off the loop, so that libpq itself never does: each host is repeated with each of its
/// addresses in `hostaddr`; `host` stays for TLS. Unix sockets and given addresses are left as they are.
/// Throws boost::system::system_error when no name resolves.
awaitable<conninfo> resolved(conninfo info);

} // namespace persais::store
