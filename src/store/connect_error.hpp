#pragma once
#include "store/conninfo.hpp"
#include "store/store.hpp"

namespace persais::store {

/// The server refused the connection (sqlstate of five characters) or nobody answered ("08006").
/// `hopeless`: waiting will not help: wrong password, no such database, or ("08001") no way to secure the connection.
struct connect_error : db_error {
    using db_error::db_error;
    bool hopeless() const { return sqlstate.starts_with("28") || sqlstate == "3D000" || sqlstate == "08001"; }
};

/// One sentence for a person about a connection that could not be made: what is wrong and what to do, by the name of
/// the setting. Never the address itself, for it holds a password; at most its host.
/// `text`: libpq's, verbose ("FATAL:  28P01: password …\nLOCATION:  …"), for it tells the SQLSTATE of a failed connect
/// nowhere else.
connect_error explained(std::string text, const endpoint& where);
/// Nobody resolved the host, or nobody answered within `limit`.
connect_error unknown_host(const std::string& why, const endpoint& where);
connect_error no_answer(std::chrono::milliseconds limit, const endpoint& where);

/// It answers, and takes no writing statement.
connect_error only_reads(const endpoint& where);

/// A pooler in front of the server gave the statement up without having passed it on.
bool pooler_gave_up(const std::string& sqlstate, const std::string& words);

} // namespace persais::store
