#pragma once
#include "pgserver/testing.hpp"
#include "store/listener.hpp"
#include "store/migrate.hpp"

#include <functional>

#include <gtest/gtest.h>

namespace persais::llm::testing {

/// A database with the schema, and a pool on the test's loop. Close the pool before the loop is run dry.
struct database {
    explicit database(const asio::any_io_executor& executor) : pool(executor, {.url = secret(url())}) {}
    std::string url() const { return migrated.held.url(); }

    struct fresh {
        fresh() {
            pgserver::testing::on_a_loop([](std::string at) -> awaitable<void> {
                store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(at)), .size = 1});
                co_await store::migrate(db);
                db.close();
            }(held.url()));
        }
        pgserver::testing::scratch_database held;
    };
    /// Returns when the ledger is as `is` wants it: asks at once, and again whenever a call in it has changed. The
    /// server tells of that.
    awaitable<> until(std::function<awaitable<bool>()> is) {
        co_await pool.query("create or replace function of_a_call() returns trigger language plpgsql as "
                            "$$ begin notify llm_calls_changed; return null; end $$");
        co_await pool.query("create or replace trigger of_a_call after insert or update or delete on llm_calls "
                            "execute function of_a_call()");
        auto executor = co_await asio::this_coro::executor;
        event changed(executor);
        store::listener ear(executor, {.url = secret(url()), .channels = {"llm_calls_changed"}},
                            {.notified = [&](const auto&, const auto&) { changed.set(); },
                             .connected = [&] { changed.set(); },
                             .lost = [](const auto& why, bool) { ADD_FAILURE() << why; }});
        ear.wake();
        for (;;) {
            co_await changed.wait(); // what was written before it listened is seen by the first look
            changed.reset();
            if (co_await is()) co_return;
        }
    }

    fresh migrated;
    store::pool pool;
};

} // namespace persais::llm::testing
