#pragma once
#include "base/background.hpp"
#include "pgserver/testing.hpp"
#include "store/migrate.hpp"

#include <functional>

#include <gtest/gtest.h>

namespace persais::telegram::testing {

/// A database with our schema, for each test.
struct with_database : ::testing::Test {
    pgserver::testing::scratch_database database;

    /// `body`: a coroutine that gets the pool.
    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 3});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

/// Waits until `what` is true, which another coroutine of this loop brings about. False: it did not come true in time.
inline awaitable<bool> comes_true(std::function<bool()> what) { // the caller owns what it uses
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(300);
    while (!what()) {
        if (std::chrono::steady_clock::now() > until) co_return false;
        co_await sleep_for(std::chrono::milliseconds(1));
    }
    co_return true;
}

} // namespace persais::telegram::testing
