#include "telegram/inbound/limits.hpp"
#include "telegram/inbound/update_reader.hpp"
#include "telegram/store/testing_database.hpp"

#include <map>

#include <fmt/format.h>

using namespace persais;
using namespace persais::telegram;
using telegram::testing::comes_true;

namespace {

std::string update_in(std::int64_t number, std::int64_t chat) {
    return fmt::format(R"({{"update_id":{0},"message":{{"message_id":{0},"date":1700000000,"chat":{{"id":{1},)"
                       R"("type":"private","first_name":"A"}},"from":{{"id":{1},"is_bot":false,"first_name":"A"}},)"
                       R"("text":"do {0}"}}}})",
                       number, chat);
}

std::int64_t chat_of(const arrived& one) {
    return std::get<message>(one.what.what).where.id;
}

/// A reader that runs, with the test's function that decides.
struct running_reader {
    using decision = std::function<awaitable<effect>(const arrived&)>;

    running_reader(const asio::any_io_executor& executor, store::pool& db, decision decide)
        : what(executor, db,
               {.dismiss = [](const arrived& one) -> std::optional<std::string> {
                    return std::holds_alternative<other>(one.what.what) ? std::optional("unreadable") : std::nullopt;
                },
                .decide = std::move(decide),
                .settled = [this](std::string_view effect) { ++settled[std::string(effect)]; }}),
          job(executor, what.run()) {}

    awaitable<bool> settles(int count) {
        return comes_true([this, count] {
            int all = 0;
            for (const auto& [effect, n] : settled)
                all += n;
            return all >= count;
        });
    }

    std::map<std::string, int> settled;
    update_reader what;
    background<void> job;
};

store::statement note(std::string_view what) {
    return {"insert into notes (what) values ($1)", {std::string(what)}};
}

awaitable<void> make_notes(store::pool& db) { // `db` outlives it
    co_await db.query("create table notes (n bigint generated always as identity, what text)");
}

awaitable<std::string> notes_of(store::pool& db) { // `db` outlives it
    auto r = co_await db.query("select coalesce(string_agg(what, ' ' order by n), '') from notes");
    co_return std::string(r.text(0, 0));
}

awaitable<effect> note_number(const arrived& one) { // the reader owns `one`
    co_return effect{.name = "command", .writes = {note(std::to_string(one.what.id))}};
}

using reads = telegram::testing::with_database;

} // namespace

TEST_F(reads, what_came_while_it_was_down_oldest_first_and_then_what_comes) {
    with([](store::pool& db) -> awaitable<void> {
        co_await make_notes(db);
        co_await telegram::store_updates(db, {{3, update_in(3, 7)}, {1, update_in(1, 7)}, {2, update_in(2, 7)}});
        running_reader r(co_await asio::this_coro::executor, db, note_number);
        EXPECT_TRUE(co_await r.settles(3));
        co_await telegram::store_updates(db, {{4, update_in(4, 7)}});
        r.what.wake();
        EXPECT_TRUE(co_await r.settles(4));
        co_await r.job.stop();
        EXPECT_EQ(co_await notes_of(db), "1 2 3 4");
    });
}

TEST_F(reads, one_that_comes_late_with_a_lower_number_too) {
    with([](store::pool& db) -> awaitable<void> {
        co_await make_notes(db);
        co_await telegram::store_updates(db, {{10, update_in(10, 7)}});
        running_reader r(co_await asio::this_coro::executor, db, note_number);
        EXPECT_TRUE(co_await r.settles(1));
        co_await telegram::store_updates(db, {{9, update_in(9, 7)}});
        r.what.wake();
        EXPECT_TRUE(co_await r.settles(2));
        co_await r.job.stop();
        EXPECT_EQ(co_await notes_of(db), "10 9");
    });
}

TEST_F(reads, ten_thousand_in_order_for_each_chat) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("create table notes (n bigint generated always as identity, chat bigint, number bigint)");
        constexpr int many = 10'000;
        for (int from = 0; from < many; from += 1000) {
            std::vector<telegram::stored_update> some;
            for (int i = from + 1; i <= from + 1000; ++i)
                some.push_back({i, i % 50 == 0 ? "no update" : update_in(i, i % 17)});
            co_await telegram::store_updates(db, some);
        }
        running_reader r(co_await asio::this_coro::executor, db, [](const arrived& one) -> awaitable<effect> {
            co_return effect{.name = "command",
                             .writes = {{"insert into notes (chat, number) values ($1::bigint, $2::bigint)",
                                         {std::to_string(chat_of(one)), std::to_string(one.what.id)}}}};
        });
        EXPECT_TRUE(co_await r.settles(many));
        co_await r.job.stop();
        EXPECT_EQ(r.settled["command"], many - many / 50);
        EXPECT_EQ(r.settled["unreadable"], many / 50);
        auto order = co_await db.query(
            "select count(*), count(distinct number), count(*) filter (where number < before) "
            "from (select *, lag(number) over (partition by chat order by n) as before from notes) x");
        EXPECT_EQ(order.number(0, 0), many - many / 50);
        EXPECT_EQ(order.number(0, 1), many - many / 50);
        EXPECT_EQ(order.number(0, 2), 0);
    });
}

TEST_F(reads, one_that_breaks_is_marked_and_holds_up_neither_its_chat_nor_others) {
    with([](store::pool& db) -> awaitable<void> {
        co_await make_notes(db);
        co_await telegram::store_updates(
            db, {{1, update_in(1, 7)}, {2, update_in(2, 7)}, {3, update_in(3, 7)}, {4, update_in(4, 8)}});
        int tries = 0;
        running_reader r(co_await asio::this_coro::executor, db, [&](const arrived& one) -> awaitable<effect> {
            if (one.what.id == 1) {
                ++tries;
                throw std::runtime_error("a defect");
            }
            if (one.what.id == 2) co_return effect{.name = "command", .writes = {note("2"), {"select 1 / 0", {}}}};
            co_return co_await note_number(one);
        });
        EXPECT_TRUE(co_await r.settles(4));
        co_await r.job.stop();
        EXPECT_EQ(tries, limits::update_tries);
        EXPECT_EQ(r.settled["failed"], 2);
        auto notes = co_await notes_of(db);
        EXPECT_TRUE(notes == "3 4" || notes == "4 3") << notes;
    });
}

TEST_F(reads, a_slow_chat_does_not_hold_up_another) {
    with([](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        co_await make_notes(db);
        co_await telegram::store_updates(db, {{1, update_in(1, 7)}, {2, update_in(2, 7)}, {3, update_in(3, 8)}});
        event go(executor);
        running_reader r(executor, db, [&](const arrived& one) -> awaitable<effect> {
            if (chat_of(one) == 7) co_await go.wait();
            co_return co_await note_number(one);
        });
        EXPECT_TRUE(co_await r.settles(1));
        EXPECT_EQ(co_await notes_of(db), "3");
        go.set();
        EXPECT_TRUE(co_await r.settles(3));
        co_await r.job.stop();
        EXPECT_EQ(co_await notes_of(db), "3 1 2");
    });
}

TEST_F(reads, an_outcome_that_is_not_known_is_found_in_the_row) {
    with([](store::pool& db) -> awaitable<void> {
        co_await make_notes(db);
        co_await telegram::store_updates(db, {{1, update_in(1, 7)}});
        int decided = 0, done = 0;
        running_reader r(co_await asio::this_coro::executor, db, [&](const arrived& one) -> awaitable<effect> {
            auto e = co_await note_number(one);
            // Only the first time, the connection breaks within the transaction.
            if (++decided == 1) e.writes.push_back({"select pg_terminate_backend(pg_backend_pid())", {}});
            e.then = [&] { ++done; };
            co_return e;
        });
        EXPECT_TRUE(co_await r.settles(1));
        co_await r.job.stop();
        EXPECT_EQ(decided, 2);
        EXPECT_EQ(done, 1);
        EXPECT_EQ(co_await notes_of(db), "1");
    });
}

TEST_F(reads, what_another_did_is_not_done_again) {
    with([](store::pool& db) -> awaitable<void> {
        co_await make_notes(db);
        co_await telegram::store_updates(db, {{1, update_in(1, 7)}, {2, update_in(2, 7)}});
        running_reader r(co_await asio::this_coro::executor, db, [&](const arrived& one) -> awaitable<effect> {
            if (one.what.id == 1) co_await telegram::take_updates(db, {1}, "ignored");
            co_return co_await note_number(one);
        });
        EXPECT_TRUE(co_await r.settles(1));
        co_await r.job.stop();
        EXPECT_EQ(co_await notes_of(db), "2");
    });
}

TEST_F(reads, what_changed_under_a_decision_is_decided_anew) {
    with([](store::pool& db) -> awaitable<void> {
        co_await make_notes(db);
        co_await telegram::store_updates(db, {{1, update_in(1, 7)}});
        int decided = 0;
        running_reader r(co_await asio::this_coro::executor, db, [&](const arrived&) -> awaitable<effect> {
            if (++decided == 1) // there is no such task
                co_return effect{.name = "joined",
                                 .writes = {{"select task_join(1, 'x', 0, now(), interval '1 second')", {}}}};
            co_return effect{.name = "task", .writes = {note("decided anew")}};
        });
        EXPECT_TRUE(co_await r.settles(1));
        co_await r.job.stop();
        EXPECT_EQ(co_await notes_of(db), "decided anew");
    });
}

TEST_F(reads, nothing_while_nothing_comes) {
    with([](store::pool& db) -> awaitable<void> {
        running_reader r(co_await asio::this_coro::executor, db, note_number);
        auto asked = [&] { return db.status().last_success; };
        EXPECT_TRUE(co_await comes_true([&] { return asked().has_value() && db.status().busy == 0; }));
        co_await sleep_for(std::chrono::milliseconds(50)); // the first read of the inbox has ended
        auto last = asked();
        co_await sleep_for(std::chrono::milliseconds(300));
        EXPECT_EQ(asked(), last);
        co_await r.job.stop();
    });
}
