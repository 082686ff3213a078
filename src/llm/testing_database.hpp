#pragma once
#include "pgserver/testing.hpp"
#include "store/migrate.hpp"

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
    fresh migrated;
    store::pool pool;
};

} // namespace persais::llm::testing
