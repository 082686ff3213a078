#pragma once
#include "store/conninfo.hpp"

#include <optional>
#include <string_view>

namespace persais::store {

/// What the text of a database's address tells about its host. No name is resolved for this, because otherwise whoever
/// answers the name query could choose how a connection is secured.

/// True for a unix socket, this machine, a private address, or a name that only a private network resolves (a name
/// without a dot, as a compose file's `postgres`; `.internal`, `.local`, …). An empty host is libpq's own default, a
/// socket.
bool near_host(std::string_view host);
bool neon_host(std::string_view host);
/// `ep-x-pooler.region.aws.neon.tech` → `ep-x.region.aws.neon.tech`; other hosts are returned unchanged.
std::string without_pooler(const std::string& host);

/// The single hosts of the address (libpq accepts several, separated by commas); one empty host when it names none.
std::vector<std::string> hosts_of(const conninfo& info);
bool every_host(const conninfo& info, bool (*is)(std::string_view));

/// Whether the address looks like that of a pooler that gives each transaction another session.
bool names_a_pooler(const conninfo& info);
/// Whether the host is Neon's proxy. It answers with cancel keys of its own even before a session that only we use, so
/// the process id in them does not tell whether a pooler is there.
bool hides_its_process(const conninfo& info);

/// The address for what a transaction pooler cannot carry (LISTEN) or should not carry (migrations): `direct_url`
/// (DIRECT_URL) when it is not empty; else `database_url`, without `-pooler` at a host like Neon's
/// (`ep-x-pooler.region.aws.neon.tech`). nullopt: only a pooler is known, by its name or port (6432, 6543) or because
/// the server was detected to be one (`server_is_pooler`, from pool_status). Then there is no LISTEN, and migrations go
/// through the pooler.
std::optional<secret> direct_url(const secret& database_url, const secret& direct_url, bool server_is_pooler = false);

/// Whether the server at this address may be suspended when idle, as Neon does it: never one at a unix socket, on this
/// machine or in a private network.
bool may_suspend(const secret& url);

} // namespace persais::store
