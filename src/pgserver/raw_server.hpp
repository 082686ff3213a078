#pragma once
#include "pgserver/embedded.hpp"
#include "pgserver/testing.hpp"

#include <functional>
#include <list>
#include <signal.h>
#include <sys/wait.h>

#include <gtest/gtest.h>

/// For the tests of this folder only.
namespace persais::pgserver::testing {

/// A server without supervision: it stays down until the test starts it again.
class raw_server {
public:
    raw_server() : cluster_(new_cluster(folder_.path())) {}
    ~raw_server() { on_a_loop(stop()); }
    raw_server(const raw_server&) = delete;

    void start() { start_server(*cluster_, try_lock(cluster_->folder.server_file(), false)); }
    awaitable<void> stop() { return stop_server(*cluster_); }
    const cluster& what() const { return *cluster_; }
    std::string url() const { return url_of(*cluster_, "postgres"); }

private:
    temp_dir folder_;
    std::optional<cluster> cluster_;
};

/// A server that is supervised, started in `data`.
inline awaitable<std::unique_ptr<embedded>> started(std::filesystem::path data) {
    auto up = co_await embedded::start(std::move(data), postgres_binaries());
    if (!up) throw std::runtime_error(up.error());
    co_return std::move(*up);
}

/// The number that a query finds.
inline awaitable<std::int64_t> answer(std::string url, std::string sql) {
    store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
    auto r = co_await db.query(std::move(sql));
    co_return r.size() && !r.null(0, 0) ? r.number(0, 0) : 0;
}

/// The SQLSTATE with which a query was refused; empty when it succeeded.
inline awaitable<std::string> state_of(store::pool& db, std::string sql) {
    try {
        co_await db.query(std::move(sql));
        co_return "";
    } catch (const store::db_error& e) {
        co_return e.sqlstate;
    }
}

/// Repeats `look` until another process has done what is expected; false when that takes longer than half a minute.
inline awaitable<bool> becomes_true(std::function<awaitable<bool>()> look) {
    for (int i = 0; i < 3000; ++i) {
        if (co_await look()) co_return true;
        co_await sleep_for(std::chrono::milliseconds(10));
    }
    co_return false;
}

/// A coroutine that runs concurrently with the test; `end` waits for it.
template <class T>
class beside {
public:
    beside(const asio::any_io_executor& executor, awaitable<T> work) : ended_(executor) {
        work_ = start_cancellable(executor, std::move(work), [this](std::exception_ptr e, T v) {
            error_ = e;
            value_ = std::move(v);
            ended_.set();
        });
    }
    beside(const beside&) = delete;
    void cancel() { work_.cancel(); }
    bool ended() const { return ended_.is_set(); }
    awaitable<T> end() {
        co_await ended_.wait();
        if (error_) std::rethrow_exception(error_);
        co_return std::move(value_);
    }

private:
    cancel_handle work_;
    event ended_;
    std::exception_ptr error_;
    T value_{};
};

} // namespace persais::pgserver::testing
