#pragma once
#include "store/conninfo.hpp"

#include <optional>
#include <string_view>

namespace persais::store {

/// What the host in a database's address tells by its text alone: a name is not resolved for it, for whoever answers
/// names could then choose how a connection is secured.

/// A unix socket, this machine, a private address, or a name that only a private network knows (without a dot, as a
/// compose file's `postgres`; `.internal`, `.local`, …). Empty: libpq's own default, a socket.
bool near_host(std::string_view host);
bool neon_host(std::string_view host);
/// `ep-x-pooler.region.aws.neon.tech` → `ep-x.region.aws.neon.tech`; the others as they are.
std::string without_pooler(const std::string& host);

/// The single hosts of the address (libpq takes several, by commas); one empty one when it names none.
std::vector<std::string> hosts_of(const conninfo& info);
bool every_host(const conninfo& info, bool (*is)(std::string_view));

/// Whether the address looks like that of a pooler that gives each transaction another session.
bool names_a_pooler(const conninfo& info);
/// Neon's proxy answers with cancel keys of its own, also before a session that is ours alone, so their process id
/// says nothing about a pooler.
bool hides_its_process(const conninfo& info);

/// The address for what a transaction pooler cannot carry (LISTEN) or had better not (migrations): `direct_url` when it
/// is not empty (DIRECT_URL); else `database_url`, at a host like Neon's (`ep-x-pooler.region.aws.neon.tech`) without
/// its `-pooler`. nullopt: only a pooler is known, by its name or port (6432, 6543) or because the server showed itself
/// as one (`server_is_pooler`, from pool_status): then there is no LISTEN, and migrations go through the pooler.
std::optional<secret> direct_url(const secret& database_url, const secret& direct_url, bool server_is_pooler = false);

/// Whether the server at this address may be one that is put to sleep when idle, as Neon does: not those of a unix
/// socket, this machine or a private network.
bool may_suspend(const secret& url);

} // namespace persais::store
