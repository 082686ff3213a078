#pragma once
#include "store/conninfo.hpp"
#include "store/store.hpp"

namespace persais::store {

/// The server refused the connection (the sqlstate has five characters) or nobody answered ("08006"). `hopeless`:
/// waiting will not help, because the password is wrong, the database does not exist, or ("08001") the connection
/// cannot be secured.
struct connect_error : db_error {
    using db_error::db_error;
    bool hopeless() const { return sqlstate.starts_with("28") || sqlstate == "3D000" || sqlstate == "08001"; }
};

/// One sentence for a person about a connection that could not be made: what is wrong and what to do, with the name of
/// the setting. It never contains the address itself, because that holds a password; at most its host. `text`: libpq's
/// message, verbose ("FATAL:  28P01: password …\nLOCATION:  …"), because libpq tells the SQLSTATE of a failed connect
/// nowhere else.
connect_error explained(std::string text, const endpoint& where);
/// The host could not be resolved, or nothing answered within `limit`.
connect_error unknown_host(const std::string& why, const endpoint& where);
connect_error no_answer(std::chrono::milliseconds limit, const endpoint& where);

/// The server answers, but accepts no writing statement.
connect_error only_reads(const endpoint& where);

/// A pooler in front of the server gave up on the statement without having forwarded it.
bool pooler_gave_up(const std::string& sqlstate, const std::string& words);

} // namespace persais::store
