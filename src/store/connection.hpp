#pragma once
#include "store/conninfo.hpp"
#include "store/result.hpp"
#include "store/statements.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::store {

struct finish_connection {
    void operator()(PGconn* c) const { PQfinish(c); }
};

/// The server refused the connection (sqlstate of five characters) or nobody answered ("08006").
/// `hopeless`: waiting will not help (wrong password, no such database).
struct connect_error : db_error {
    using db_error::db_error;
    bool hopeless() const { return sqlstate.starts_with("28") || sqlstate == "3D000"; }
};

/// A statement that certainly did not run because its connection was gone before it was sent.
struct not_sent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One session. One statement at a time. When a coroutine that uses it is cancelled or throws anything but a plain
/// db_error of the server, the connection is not reusable().
class connection {
public:
    /// Connects and sets the session up. `backstop`: the server itself ends a statement after it, where the session is
    /// ours alone (a pooler would keep the setting for others). Throws connect_error.
    static awaitable<std::unique_ptr<connection>> open(conninfo info, std::chrono::milliseconds backstop);
    ~connection();
    connection(const connection&) = delete;

    /// Both throw db_error of the server, 08007 when the connection broke after sending, not_sent before that.
    awaitable<rows> execute(std::string sql, std::vector<param> params, bool named);
    awaitable<void> script(std::string sql);

    /// False when a statement is under way, after a loss, and for an idle session that the server has closed.
    bool reusable();
    bool statement_under_way() const { return busy_; }
    /// Behind a transaction pooler: the answering session is not the one that the connection named.
    bool pooled() const { return pooled_; }
    /// The statement's prepared form is of no use any more.
    void spoil(const std::string& sql) { names_.spoil(sql); }
    /// Ends what waits on this connection with 08007.
    void cut();
    /// To cancel the statement under way from another thread; the caller frees it (PQfreeCancel). May be null.
    PGcancel* canceller() const { return PQgetCancel(pg_.get()); }

private:
    connection(const asio::any_io_executor& executor, PGconn* pg);
    awaitable<void> negotiate();
    awaitable<void> set_up(std::chrono::milliseconds backstop);
    awaitable<void> wait_for(asio::posix::stream_descriptor::wait_type what);
    awaitable<pg_result> answer();
    [[noreturn]] void lost();

    std::unique_ptr<PGconn, finish_connection> pg_;
    asio::posix::stream_descriptor socket_;
    statement_names names_;
    bool busy_ = false;
    bool sent_ = false;   // the statement itself, not its preparation
    bool doomed_ = false; // the server has said farewell
    bool pooled_ = false;
    bool cut_ = false;
};

} // namespace persais::store
