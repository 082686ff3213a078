#pragma once
#include "base/async.hpp"
#include "base/secret.hpp"

#include <map>
#include <string>
#include <vector>

namespace persais::store {

/// What libpq is told to connect with: its own keywords (host, port, dbname, …) and their values. Those that libpq
/// itself would not show (password, sslpassword) are kept apart.
struct conninfo {
    std::map<std::string, std::string> words;
    std::map<std::string, secret> secrets;
};

/// Reads a postgresql:// address or a keyword=value line. Adds what Persais always wants: no GSS negotiation (it
/// blocks), and keep-alives that detect a dead network within `lost`. Throws db_error 08001; its text contains nothing
/// of the address, because that may hold a password.
conninfo parse_conninfo(const secret& url, std::chrono::milliseconds lost);

/// Resolves the host names without blocking the loop, so that libpq itself never resolves: each host is repeated with
/// each of its addresses in `hostaddr`; `host` stays for TLS. Unix sockets and numeric addresses are left unchanged.
/// Throws boost::system::system_error when no name can be resolved. `first`: which of the addresses (modulo their
/// number) is tried first, so that an address that never answers is not the first one in every attempt.
awaitable<conninfo> resolved(conninfo info, unsigned first);

/// Where to connect, and how error sentences refer to it.
struct endpoint {
    conninfo info;
    std::string setting = "DATABASE_URL"; // the setting that holds the address; empty: our own embedded server
};

} // namespace persais::store
