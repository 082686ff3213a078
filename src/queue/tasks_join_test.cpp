// Landings that wait green behind one that pushes go along with it.
#include "base/background.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::queue::testing;
using queue::pg_tasks;

namespace {

/// A landing that is green on top of `onto`, and waits for its turn.
awaitable<task_id> waits_behind(store::pool& db, pg_tasks& all, std::string onto, std::string made) {
    auto id = co_await all.add(some_order());
    auto lands = fmt::format(R"({{"base_branch": "main", "lands": {{"what": "deploy", "commit": "{}", "asked_us": {}, )"
                             R"("step": "lane", "onto": "{}", "made": "{}", "same_text": true, "after": "green", )"
                             R"("in_doubt": false, "withdrawn": false, "anyway": false}}}})",
                             commit, id.value, onto, made);
    co_await db.query("update tasks set facts = $2::jsonb, not_before = now() + interval '5 s' where id = $1",
                      {id.str(), lands});
    co_return id;
}

/// The one in front, which has the lane and is about to push `made`.
awaitable<task_id> pushes(store::pool& db, pg_tasks& all, std::string made) {
    auto id = co_await waits_behind(db, all, "base", std::move(made));
    co_await db.query("update tasks set facts = jsonb_set(facts, '{lands,step}', '\"push\"'), state = 'deploying', "
                      "not_before = null, fence = 1, lease_owner = 'me', lease_until = now() + interval '1 h', "
                      "attempt = 1, round = 0, commit_id = $2 where id = $1",
                      {id.str(), commit});
    co_await db.query(
        "insert into landings (remote, task_id, taken_at) select remote, id, now() from tasks where id = $1",
        {id.str()});
    co_return id;
}

} // namespace

TEST_F(table, a_landing_whose_row_is_being_written_goes_along_all_the_same) {
    with([this](store::pool& db) -> awaitable<void> {
        auto loop = co_await asio::this_coro::executor;
        store::pool gate(loop, {.url = secret(database.url()), .size = 1});
        pg_tasks all(db, "me", 10s);
        auto front = co_await pushes(db, all, "one");
        auto second = co_await waits_behind(db, all, "one", "two"),
             third = co_await waits_behind(db, all, "two", "three");
        co_await gate.query("select pg_advisory_lock(7)");
        auto blocked = [&gate](int so_many, auto& last) -> awaitable<void> {
            while (!last.finished() &&
                   (co_await gate.query("select count(*) from pg_stat_activity where datname = current_database() and "
                                        "wait_event_type = 'Lock'"))
                           .number(0, 0) < so_many) {
            }
        };
        auto write = [](store::pool& on,
                        task_id id) -> awaitable<void> { // as its worker does when it asks for its turn
            co_await on.transact({{"update tasks set not_before = now() where id = $1", {id.str()}},
                                  {"select pg_advisory_xact_lock(7)", {}}});
        };
        background<void> writing(loop, write(db, second));
        co_await blocked(1, writing);
        background<std::vector<pg_tasks::joined>> joining(loop, all.join_landings(front, fence{1}));
        co_await blocked(2, joining);
        co_await gate.query("select pg_advisory_unlock(7)");
        co_await writing.join();
        auto along = co_await joining.join();
        EXPECT_EQ(along.size(), 2u);
        if (along.size() == 2) {
            EXPECT_EQ(along[0].id, second);
            EXPECT_EQ(along[1].id, third);
        }
        gate.close();
    });
}
