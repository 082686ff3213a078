#pragma once
#include "base/async.hpp"
#include "base/limits.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace persais::store {

/// The server refused a statement (sqlstate has five characters), or the database could not be reached in time
/// ("08006"), or the connection was lost while a statement ran and its outcome is unknown ("08007").
struct db_error : std::runtime_error {
    db_error(std::string state, const std::string& what) : std::runtime_error(what), sqlstate(std::move(state)) {}
    std::string sqlstate;
    bool unreachable() const { return sqlstate == "08006"; }
    bool unknown_outcome() const { return sqlstate == "08007"; }
};

/// A statement's parameter: text as PostgreSQL reads it, or NULL.
using param = std::optional<std::string>;
template <class T>
param opt(const std::optional<T>& v) {
    return v ? param(std::to_string(*v)) : std::nullopt;
}

/// The rows of one answer; values are text. Owns its memory; moves cheaply.
class rows {
public:
    rows() = default;
    int size() const;
    bool empty() const { return size() == 0; }
    /// Rows that an INSERT, UPDATE or DELETE touched.
    std::int64_t affected() const;
    bool null(int row, int column) const;
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
    std::string url; // may name a transaction pooler
    int size = 4;    // DATABASE_POOL_SIZE
    std::chrono::milliseconds connect = limits::db_connect;
    std::chrono::milliseconds statement = limits::db_statement;
    std::chrono::milliseconds absent = limits::db_absent; // how long a request waits for a database that is away
};

/// Connections to one PostgreSQL. Opened when first needed, opened again with backoff after a loss; requests wait
/// meanwhile, up to `absent`. One executor; not for other threads.
class pool {
public:
    pool(const asio::any_io_executor& executor, pool_options options);
    ~pool();
    pool(const pool&) = delete;

    /// One statement, one transaction. `$1`… are bound to `params`. Throws db_error. A statement that never reached the
    /// server is tried again; one whose outcome is unknown is not.
    awaitable<rows> query(std::string sql, std::vector<param> params = {});
    /// Several statements without parameters, as a migration file holds them, in one transaction.
    awaitable<void> script(std::string sql);
    /// Closes every connection; later queries throw.
    void close();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace persais::store
