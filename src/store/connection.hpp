#pragma once
#include "store/connect_error.hpp"
#include "store/result.hpp"
#include "store/statements.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::store {

struct finish_connection {
    void operator()(PGconn* c) const { PQfinish(c); }
};

/// A statement that certainly did not run: its connection was lost before it was sent, or a pooler did not forward it.
struct not_sent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What another session sent with NOTIFY.
struct notification {
    std::string channel, payload;
};

/// One session, which runs one statement at a time. When a coroutine that uses it is cancelled, or throws anything but
/// a plain db_error of the server, the connection is not reusable() any more.
class connection {
public:
    /// Connects and sets the session up. `backstop`: the statement_timeout of the server itself, where no one else uses
    /// the session (a pooler would keep the setting for other clients). `first`: as for resolved(). Throws
    /// connect_error.
    static awaitable<std::unique_ptr<connection>> open(endpoint where, std::chrono::milliseconds backstop,
                                                       unsigned first = 0);
    ~connection();
    connection(const connection&) = delete;

    /// These throw the server's db_error, 08007 when the connection broke after sending, and not_sent when it broke
    /// before.
    awaitable<rows> execute(std::string sql, std::vector<param> params, bool named);
    awaitable<std::vector<rows>> transact(std::vector<statement> all, bool named);
    awaitable<void> script(std::string sql);
    /// Waits for the next notification. Throws not_sent when the connection is lost, with the server's last message.
    awaitable<notification> notified();
    /// A round trip without a statement; throws as execute() does.
    awaitable<void> ping();

    /// False while a statement runs, after the connection was lost, and when the server has closed the idle session.
    bool reusable();
    /// While idle: calls `gone` once when the server closes the session; `gone` may destroy this connection. The loop
    /// has work until unwatch().
    void watch(std::function<void()> gone);
    void unwatch();
    bool statement_under_way() const { return busy_; }
    /// Whether a transaction pooler is in front: the session that answers is not the one that was named at connect.
    bool pooled() const { return pooled_; }
    /// Whether the server reports that this session may write. Behind a pooler this is unknown.
    bool takes_writes() const;
    bool encrypted() const { return PQsslInUse(pg_.get()) == 1; }
    /// The message that the server sent before it closed the session; empty when there was none.
    const std::string& farewell() const { return farewell_; }
    std::chrono::steady_clock::time_point last_used() const { return last_used_; }
    /// How long the last answer took.
    std::chrono::nanoseconds round_trip() const { return round_trip_; }
    /// Marks the statement's prepared form as unusable.
    void spoil(const std::string& sql) { names_.spoil(sql); }
    /// Ends a statement or wait in progress with 08007.
    void cut();
    /// Set by the pool: which of its addresses the connection was opened with.
    unsigned era = 0;
    /// For cancelling the running statement from another thread; the caller frees it (PQfreeCancel). May be null.
    PGcancel* canceller() const { return PQgetCancel(pg_.get()); }

private:
    struct queued_statements;
    connection(const asio::any_io_executor& executor, PGconn* pg);
    void queue_up(const std::vector<statement>& all, bool named, queued_statements& into);
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
    bool sent_ = false;   // whether the statement itself was sent, not only its preparation
    bool doomed_ = false; // the server has announced the end of the session
    bool pooled_ = false;
    bool cut_ = false;
    std::string farewell_;
    std::shared_ptr<std::function<void()>> watching_;
    std::chrono::steady_clock::time_point last_used_ = std::chrono::steady_clock::now();
    std::chrono::nanoseconds round_trip_{};
};

} // namespace persais::store
