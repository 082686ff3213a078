#include "pgserver/testing.hpp"
#include "store/migrate.hpp"
#include "telegram/store/inbox.hpp"
#include "telegram/store/limits.hpp"
#include "telegram/store/outbox.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::telegram;

namespace {

struct inbox : ::testing::Test {
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

std::vector<std::int64_t> numbers(const std::vector<waiting_update>& all) {
    std::vector<std::int64_t> n;
    for (const auto& each : all)
        n.push_back(each.number);
    return n;
}

awaitable<std::string> state_of(store::pool& db, std::vector<store::statement> all) { // `db` outlives it
    try {
        co_await db.transact(std::move(all));
    } catch (const store::db_error& e) {
        co_return e.sqlstate;
    }
    co_return "";
}

} // namespace

TEST_F(inbox, reads_what_was_turned_away_of_a_person_whom_another_process_let_in) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.script("insert into people (id, let_in, decided_at, decided_by) values (3, true, now(), 1), "
                           "(4, false, now(), 1); insert into people (id, paired_at) values (5, now()); "
                           "insert into people (id) values (6); insert into grants (person, repository, role, by) "
                           "values (6, 'you/shop', 'reader', '1')");
        auto heard = co_await store_updates(db, {{1, "a", "refused", 3},
                                                 {2, "b", "refused", 4},
                                                 {3, "c", "refused", 5},
                                                 {4, "d", "refused"},
                                                 {5, "e", "refused", 9},
                                                 {6, "f", "", 0},
                                                 {7, "g", "refused", 6}});
        std::ranges::sort(heard);
        EXPECT_EQ(heard, (std::vector<std::int64_t>{1, 3, 7})) << "a role is enough";
        EXPECT_EQ(numbers(co_await undone_updates(db, 0)), (std::vector<std::int64_t>{1, 3, 6, 7}));
    });
}

TEST_F(inbox, keeps_any_bytes_as_they_came) {
    with([](store::pool& db) -> awaitable<void> {
        std::string bytes;
        for (int i = 0; i < 256; ++i)
            bytes += static_cast<char>(i);
        co_await store_updates(db, {{1, bytes}, {2, ""}, {-5, R"({"a":"\"\\,{}"})"}});
        auto all = co_await undone_updates(db, std::numeric_limits<std::int64_t>::min());
        EXPECT_EQ(numbers(all), (std::vector<std::int64_t>{-5, 1, 2}));
        EXPECT_EQ(all.at(0).body, R"({"a":"\"\\,{}"})");
        EXPECT_EQ(all.at(1).body, bytes);
        EXPECT_EQ(all.at(2).body, "");
        EXPECT_LT(system_clock().now() - all.at(0).received, std::chrono::minutes(1));
    });
}

TEST_F(inbox, an_update_that_comes_again_changes_nothing_not_even_within_one_commit) {
    with([](store::pool& db) -> awaitable<void> {
        co_await store_updates(db, {{1, "first"}, {1, "again"}, {2, "two"}});
        co_await store_updates(db, {{1, "and again"}, {3, "three"}});
        auto all = co_await undone_updates(db, 0);
        EXPECT_EQ(numbers(all), (std::vector<std::int64_t>{1, 2, 3}));
        EXPECT_EQ(all.at(0).body, "first");
    });
}

TEST_F(inbox, what_is_done_for_an_update_is_done_once) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.query("create table done_for (n bigint)");
        co_await store_updates(db, {{1, "x"}});
        store::statement work{"insert into done_for values (1)", {}};
        EXPECT_EQ(co_await state_of(db, {take_update(1, "command"), work}), "");
        EXPECT_TRUE(co_await update_is_done(db, 1));
        EXPECT_EQ(co_await state_of(db, {take_update(1, "command"), work}), done_before);
        EXPECT_EQ(co_await state_of(db, {work, take_update(1, "command")}), done_before);
        EXPECT_EQ((co_await db.query("select count(*) from done_for")).number(0, 0), 1);
        EXPECT_TRUE((co_await undone_updates(db, 0)).empty());
    });
}

TEST_F(inbox, what_fails_leaves_the_update_undone) {
    with([](store::pool& db) -> awaitable<void> {
        co_await store_updates(db, {{1, "x"}});
        EXPECT_EQ(co_await state_of(db, {take_update(1, "command"), {"select 1 / 0", {}}}), "22012");
        EXPECT_FALSE(co_await update_is_done(db, 1));
        EXPECT_EQ(co_await state_of(db, {take_update(7, "command")}), done_before) << "there is no such update";
    });
}

TEST_F(inbox, many_are_settled_at_once_but_for_those_that_are_done) {
    with([](store::pool& db) -> awaitable<void> {
        co_await store_updates(db, {{1, "a"}, {2, "b"}, {3, "c"}});
        co_await state_of(db, {take_update(2, "task")});
        co_await take_updates(db, {1, 2}, "refused");
        auto r = co_await db.query("select effect from inbox where done_at is not null order by update_id");
        EXPECT_EQ(r.size(), 2);
        EXPECT_EQ(r.text(0, 0), "refused");
        EXPECT_EQ(r.text(1, 0), "task");
        EXPECT_EQ(numbers(co_await undone_updates(db, 0)), std::vector<std::int64_t>{3});
    });
}

TEST_F(inbox, is_read_in_pages_by_number_and_by_size) {
    with([](store::pool& db) -> awaitable<void> {
        std::vector<stored_update> many;
        for (int i = 1; i <= limits::inbox_page + 10; ++i)
            many.push_back({i, "x"});
        co_await store_updates(db, many);
        auto page = co_await undone_updates(db, 0);
        EXPECT_EQ(page.size(), static_cast<std::size_t>(limits::inbox_page));
        EXPECT_EQ((co_await undone_updates(db, page.back().number)).size(), 10u);

        std::vector<stored_update> large;
        for (int i = 1; i <= 10; ++i)
            large.push_back({10'000 + i, std::string(limits::inbox_page_bytes / 4, 'y')});
        co_await store_updates(db, large);
        EXPECT_EQ((co_await undone_updates(db, 10'000)).size(), 4u);
        EXPECT_EQ((co_await undone_updates(db, 10'009)).size(), 1u);
    });
}

TEST_F(inbox, a_body_with_a_secret_is_forgotten) {
    with([](store::pool& db) -> awaitable<void> {
        co_await store_updates(db, {{1, "the token is sesame"}});
        co_await state_of(db, {take_update(1, "command"), forget_body(1)});
        EXPECT_EQ((co_await db.query("select octet_length(body) from inbox")).number(0, 0), 0);
    });
}

TEST_F(inbox, whether_anything_is_left_is_known_whoever_holds_it) {
    with([](store::pool& db) -> awaitable<void> {
        EXPECT_FALSE(co_await anything_left(db));
        co_await store_updates(db, {{1, "{}"}});
        EXPECT_TRUE(co_await anything_left(db)) << "an update is not read";
        co_await take_updates(db, {1}, "ignored");
        EXPECT_FALSE(co_await anything_left(db));
        co_await db.query("insert into outbox (chat_id, body, request) values (7, '', '{\"method\":\"sendMessage\"}')");
        EXPECT_TRUE(co_await take_outgoing(db, 7, {"another", std::chrono::seconds(75)}));
        EXPECT_TRUE(co_await anything_left(db)) << "a message is being sent by somebody who may die";
        co_await db.query("update outbox set sent_at = clock_timestamp()");
        EXPECT_FALSE(co_await anything_left(db));
    });
}
