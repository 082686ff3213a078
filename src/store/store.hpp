#pragma once
#include "base/async.hpp"
#include "base/secret.hpp"
#include "store/limits.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace persais::store {

/// The server refused a statement (sqlstate has five characters), or the database could not be reached in time
/// ("08006"), or the connection was lost while a statement ran, so its outcome is unknown ("08007").
struct db_error : std::runtime_error {
    db_error(std::string state, const std::string& what) : std::runtime_error(what), sqlstate(std::move(state)) {}
    std::string sqlstate;
    bool unreachable() const { return sqlstate == "08006"; }
    bool unknown_outcome() const { return sqlstate == "08007"; }
};

/// A statement's parameter: text in PostgreSQL's input format, or NULL.
using param = std::optional<std::string>;
template <class T>
param opt(const std::optional<T>& v) {
    return v ? param(std::to_string(*v)) : std::nullopt;
}

struct statement {
    std::string sql;
    std::vector<param> params;
};

/// The rows of one answer; values are text. Copies share the memory. Rows and columns count from 0. Reading a value
/// that is not there, or as another type than it has, throws std::logic_error.
class rows {
public:
    rows() = default;
    int size() const;
    bool empty() const { return size() == 0; }
    /// The number of rows that an INSERT, UPDATE or DELETE changed.
    std::int64_t affected() const;
    bool null(int row, int column) const;
    /// Valid as long as this object or a copy of it; empty for NULL.
    std::string_view text(int row, int column) const;
    std::int64_t number(int row, int column) const;
    double real(int row, int column) const;
    bool boolean(int row, int column) const;
    int column(const char* name) const; // -1 when absent

    struct holder;
    explicit rows(std::shared_ptr<holder> held) : held_(std::move(held)) {}

private:
    std::shared_ptr<holder> held_;
};

struct pool_options {
    secret url;          // may name a transaction pooler
    int size = 4;        // DATABASE_POOL_SIZE
    std::string ca_file; // SSL_CERT_FILE; empty: the system's authorities
    // How error sentences refer to the address; empty: it is our own embedded server.
    std::string setting = "DATABASE_URL";
    std::chrono::milliseconds connect = limits::db_connect;
    std::chrono::milliseconds statement = limits::db_statement;
    std::chrono::milliseconds doubt = limits::db_doubt;   // a connection unused for so long is checked first
    std::chrono::milliseconds absent = limits::db_absent; // how long a request waits for an absent database
};

/// A snapshot of a pool's state.
struct pool_status {
    int size = 0;    // connections at most
    int open = 0;    // connections now, busy ones too
    int busy = 0;    // of the open ones, lent to statements
    int waiting = 0; // statements that wait for a connection
    /// Empty before the first connection; false while connecting fails, until it succeeds.
    std::optional<bool> up;
    bool pooled = false;    // behind a transaction pooler: no named statements, no LISTEN
    bool encrypted = false; // whether the newest connection is encrypted
    bool verified = false;  // and whether the server's certificate was verified
    std::optional<std::chrono::steady_clock::time_point> last_success; // when a statement was answered last
    std::chrono::nanoseconds round_trip{};                             // of the last statement
    std::string last_error; // why connecting failed the last time, one sentence; kept after connecting succeeds again
};

enum class db_change {
    up,          // the first connection succeeded, or one after `down`
    down,        // connecting failed, for the first time or for another reason
    idle_closed, // the server closed an idle connection: it may only have been suspended
};

/// Connections to one PostgreSQL. They are opened when first needed, and opened again with backoff after a loss;
/// requests wait meanwhile, up to `absent`. Connects only when there is a statement; sends nothing while there is none.
/// Belongs to one executor; other threads must not use it. Its loop has work until close().
class pool {
public:
    /// Does not connect yet. Throws db_error 08001 when the address cannot be read.
    pool(const asio::any_io_executor& executor, pool_options options);
    /// As close().
    virtual ~pool();
    pool(const pool&) = delete;

    /// Runs one statement in its own transaction, with `$1`… bound to `params`. Throws db_error. A statement that never
    /// reached the server is tried again; one whose outcome is unknown is not.
    virtual awaitable<rows> query(std::string sql, std::vector<param> params = {});
    /// As `query`, before the statements that wait for a connection: for what somebody waits for who is not a task.
    awaitable<rows> query_first(std::string sql, std::vector<param> params = {});
    /// As `query`, before all statements that wait for a connection. While others have each connection, on one more
    /// where the server allows that, which is closed afterwards: for what must not wait for anybody, as the lease of a
    /// task.
    awaitable<rows> query_at_once(std::string sql, std::vector<param> params = {});
    /// Runs all of these or none, in one transaction and one round trip; returns the answers in their order. Throws as
    /// `query` does, with the error of the first one that failed.
    virtual awaitable<std::vector<rows>> transact(std::vector<statement> all);
    /// Runs several statements without parameters, as a migration file holds them, in one transaction.
    awaitable<void> script(std::string sql);
    /// Sets the callback for changes, which gets one sentence. It is called on the executor, from within the pool: it
    /// must not throw, nor destroy the pool.
    void on_change(std::function<void(db_change, const std::string&)> told);
    /// Sets the callback for each answer of the server, under the same conditions: something may have changed.
    void on_answer(std::function<void()> told);
    /// Switches to another address of the same database: a new password, another host name. Idle connections are closed
    /// now, those in use when their statement has ended; waiting requests continue with the new address. Throws
    /// db_error 08001 when it cannot be read; then nothing changes. With the same address nothing happens.
    void renew(const secret& url);
    /// Runs no SQL.
    pool_status status() const;
    /// Closes every connection; later queries throw.
    void close();

protected:
    /// For a simulation that replaces the statements (tests/chat_world): only `query` and `transact` may be called.
    pool() noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace persais::store
