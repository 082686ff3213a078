#pragma once
#include "memory/notes.hpp"
#include "memory/recall.hpp"
#include "pgserver/testing.hpp"
#include "store/migrate.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace persais::memory::testing {

/// A database with our tables, and tasks in it that come to an end.
struct remembering : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

/// A new task of the repository; its number.
inline awaitable<std::int64_t> task_of(store::pool& db, std::string remote, std::string instruction,
                                       std::string kind = "change") {
    auto r = co_await db.query("insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, "
                               "rounds_most, foreground, fence, state, not_before) values ($1, $2, $3, 'm', 1, 3, 2, "
                               "false, 1, 'queued', now()) returning id",
                               {std::move(kind), std::move(remote), std::move(instruction)});
    co_return r.number(0, 0);
}

inline const std::string made(40, 'c');

/// Puts it into a state without a lease; `more`: facts, as JSON, beside what was made.
inline awaitable<void> becomes(store::pool& db, std::int64_t id, std::string state, std::string more = "{}") {
    auto facts = fmt::format(
        R"({{"made":{{"commit":"{0}","files":2,"insertions":14,"deletions":3}},)"
        R"("stands":{{"made":{{"commit":"{0}"}},"how":"ready"}},"on_base":{{"commit":"{0}","before":""}},)"
        R"("check":{{"command":"pytest -q"}},"before":"green","after":"green","said":"I turned it round."}})",
        made);
    std::string columns = "commit_id = null, verdict = null";
    if (state == "review")
        columns = fmt::format("commit_id = '{}', verdict = 'ready'", made);
    else if (state == "failed")
        columns = "commit_id = null, verdict = 'no_change', reason = '', sentence = 'The agent changed nothing.'";
    else if (state != "answered")
        columns = fmt::format("commit_id = '{}', verdict = null", made);
    co_await db.query("update tasks set state = $2, facts = $3::jsonb || $4::jsonb, not_before = null, " + columns +
                          " where id = $1",
                      {std::to_string(id), state, facts, more});
}

/// All items of the repository, the oldest first, those that are not true any more with the reason before them.
inline awaitable<std::vector<std::string>> kept(store::pool& db, std::string remote) {
    std::vector<std::string> all;
    for (auto& each : co_await list(db, {.remote = std::move(remote), .untrue = true, .most = 100}))
        all.insert(all.begin(), (each.untrue.empty() ? "" : each.untrue + ": ") + each.kind + ": " + each.text);
    co_return all;
}

} // namespace persais::memory::testing
