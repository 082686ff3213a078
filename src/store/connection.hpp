#pragma once
#include "store/connect_error.hpp"
#include "store/result.hpp"
#include "store/statements.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::store {

struct finish_connection {
    void operator()(PGconn* c) const { PQfinish(c); }
};

/// A statement that certainly did not run: its connection was gone before it was sent, or a pooler did not pass it on.
struct not_sent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What another session sent with NOTIFY.
struct notification {
    std::string channel, payload;
};

/// One session. One statement at a time. When a coroutine that uses it is cancelled or throws anything but a plain
/// db_error of the server, the connection is not reusable().
class connection {
public:
    /// Connects and sets the session up. `backstop`: the server itself ends a statement after it, where the session is
    /// ours alone (a pooler would keep the setting for others). `first`: as for resolved(). Throws connect_error.
    static awaitable<std::unique_ptr<connection>> open(endpoint where, std::chrono::milliseconds backstop,
                                                       unsigned first = 0);
    ~connection();
    connection(const connection&) = delete;

    /// They throw db_error of the server, 08007 when the connection broke after sending, not_sent before that.
    awaitable<rows> execute(std::string sql, std::vector<param> params, bool named);
    awaitable<std::vector<rows>> transact(std::vector<statement> all);
    awaitable<void> script(std::string sql);
    /// Waits for the next one. Throws not_sent when the connection is lost, with the server's last words.
    awaitable<notification> notified();
    /// A round trip that is no statement; throws as execute() does.
    awaitable<void> ping();

    /// False when a statement is under way, after a loss, and for an idle session that the server has closed.
    bool reusable();
    /// While idle: calls `gone` once when the server closes the session; it may destroy this connection. Keeps the loop
    /// from running dry until unwatch().
    void watch(std::function<void()> gone);
    void unwatch();
    bool statement_under_way() const { return busy_; }
    /// Behind a transaction pooler: the answering session is not the one that the connection named.
    bool pooled() const { return pooled_; }
    /// The server says that this session may write. Behind a pooler nobody knows.
    bool takes_writes() const;
    bool encrypted() const { return PQsslInUse(pg_.get()) == 1; }
    /// The server's last words of its own accord; empty when it closed without any.
    const std::string& farewell() const { return farewell_; }
    std::chrono::steady_clock::time_point last_used() const { return last_used_; }
    /// How long the last answer was awaited.
    std::chrono::nanoseconds round_trip() const { return round_trip_; }
    /// The statement's prepared form is of no use any more.
    void spoil(const std::string& sql) { names_.spoil(sql); }
    /// Ends what waits on this connection with 08007.
    void cut();
    /// Its pool's mark: with which address it was opened.
    unsigned era = 0;
    /// To cancel the statement under way from another thread; the caller frees it (PQfreeCancel). May be null.
    PGcancel* canceller() const { return PQgetCancel(pg_.get()); }

private:
    connection(const asio::any_io_executor& executor, PGconn* pg);
    awaitable<void> negotiate(const endpoint& where);
    awaitable<void> set_up(std::chrono::milliseconds backstop, bool surely_direct);
    awaitable<void> wait_for(asio::posix::stream_descriptor::wait_type what);
    awaitable<void> flush();
    awaitable<pg_result> next_result(const PGresult* last);
    awaitable<pg_result> answer();
    void settled(std::chrono::steady_clock::time_point asked);
    [[noreturn]] void lost();
    [[noreturn]] void broke_off(const PGresult* last);

    std::unique_ptr<PGconn, finish_connection> pg_;
    asio::posix::stream_descriptor socket_;
    statement_names names_;
    bool busy_ = false;
    bool sent_ = false;   // the statement itself, not its preparation
    bool doomed_ = false; // the server has said farewell
    bool pooled_ = false;
    bool cut_ = false;
    std::string farewell_;
    std::shared_ptr<std::function<void()>> watching_;
    std::chrono::steady_clock::time_point last_used_ = std::chrono::steady_clock::now();
    std::chrono::nanoseconds round_trip_{};
};

} // namespace persais::store
