#pragma once
#include "base/background.hpp"
#include "mechanic/step.hpp"
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

/// The table of tasks in a real PostgreSQL, for the tests of this folder.
namespace persais::queue::testing {

using namespace mechanic;
using namespace std::chrono_literals;

inline const std::string commit(40, 'c');

inline order some_order(bool foreground = false) {
    return {
        .remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 2, .foreground = foreground};
}

/// A database with our schema and one worker on it, on a loop of its own.
struct table : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 4});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

inline lease next_lease(const snapshot& s) {
    return {fence{s.at.value + 1}, s.read_at + 10s};
}

/// Claims a task as the driver does and returns the snapshot after the claim.
inline awaitable<std::optional<snapshot>> claim(tasks& all, std::optional<task_id> only = {}) {
    auto found = co_await all.claimable(only);
    if (!found) co_return std::nullopt;
    auto next = found->task;
    if (!step(next, claimed{next_lease(*found)}, found->read_at)) co_return std::nullopt;
    if (!co_await all.save(*found, next, true)) co_return std::nullopt;
    co_return co_await all.load(found->task.id);
}

inline std::string sqlstate_of(const std::exception_ptr& e) {
    try {
        std::rethrow_exception(e);
    } catch (const store::db_error& error) {
        return error.sqlstate;
    }
}

inline awaitable<std::string> refusal(store::pool& db, std::string sql) {
    std::exception_ptr error;
    try {
        co_await db.query(std::move(sql));
    } catch (...) {
        error = std::current_exception();
    }
    co_return error ? sqlstate_of(error) : "accepted";
}

} // namespace persais::queue::testing
