#include "pgserver/testing.hpp"
#include "queue/exported.hpp"
#include "store/migrate.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

using namespace persais;
using queue::exported_table;

namespace {

struct exported : ::testing::Test {
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

/// `db` outlives it.
awaitable<std::vector<std::string>> lines_of(store::pool& db, std::vector<exported_table> all, std::string name,
                                             int at_once = 2) {
    std::vector<std::string> lines;
    auto found = std::ranges::find(all, name, &exported_table::name);
    if (found == all.end()) co_return lines;
    auto count = co_await queue::export_rows(db, *found, at_once, [&](std::string_view line) {
        lines.emplace_back(line);
        return true;
    });
    EXPECT_EQ(count, static_cast<std::int64_t>(lines.size()));
    co_return lines;
}

} // namespace

TEST(exported_columns, that_let_somebody_in_are_withheld) {
    for (const char* name : {"sealed", "sealed_environment", "code_hash", "token", "webhook_secret", "password"})
        EXPECT_TRUE(queue::is_withheld(name)) << name;
    for (const char* name : {"prompt_tokens", "reserved_tokens", "name", "commit_id", "hashed", "secretary"})
        EXPECT_FALSE(queue::is_withheld(name)) << name;
}

TEST_F(exported, every_table_is_there_with_its_key) {
    with([](store::pool& db) -> awaitable<void> {
        auto all = co_await queue::exported_tables(db);
        auto counted = co_await db.query("select count(*) from information_schema.tables where table_schema = "
                                         "current_schema() and table_type = 'BASE TABLE'");
        EXPECT_EQ(static_cast<std::int64_t>(all.size()), counted.number(0, 0));
        EXPECT_TRUE(std::ranges::is_sorted(all, {}, &exported_table::name));
        auto tasks = std::ranges::find(all, "tasks", &exported_table::name);
        if (tasks == all.end()) throw std::logic_error("tasks are not among them");
        EXPECT_EQ(tasks->key, std::vector<std::string>{"id"});
        EXPECT_EQ(tasks->columns.front().type, "bigint");
        EXPECT_FALSE(tasks->columns.front().nullable);
    });
}

TEST_F(exported, rows_come_page_by_page_each_once_in_the_order_of_their_key) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.script(
            "create table two (b text, a int, words text, primary key (a, b));"
            "insert into two select n % 3, n / 3, E'line\\nbreak \"' || n from generate_series(0, 6) n;"
            "create table keyless (n int); insert into keyless select generate_series(1, 5);"
            "create table \"Odd \"\" name\" (n int primary key); insert into \"Odd \"\" name\" values (1)");
        auto all = co_await queue::exported_tables(db);
        auto lines = co_await lines_of(db, all, "two");
        std::vector<std::pair<std::int64_t, std::string>> keys;
        for (const auto& line : lines) {
            EXPECT_EQ(line.find('\n'), line.npos) << line;
            auto row = boost::json::parse(line).as_object();
            keys.emplace_back(row.at("a").as_int64(), row.at("b").as_string());
        }
        EXPECT_EQ(keys.size(), 7U);
        EXPECT_TRUE(std::ranges::is_sorted(keys));
        EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
        auto keyless = co_await lines_of(db, all, "keyless");
        EXPECT_EQ(keyless.size(), 5U);
        auto odd = co_await lines_of(db, all, "Odd \" name");
        EXPECT_EQ(odd, std::vector<std::string>{"{\"n\":1}"});
    });
}

TEST_F(exported, no_secret_is_in_a_line_of_any_table) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.script(
            "insert into secrets (name, sealed) values ('X', 'canary-1');"
            "insert into second_factors (person, sealed) values ('telegram:1', 'canary-2');"
            "insert into buttons (token, chat_id, action, once) values ('canary-3-of-a-button', 1, 'help', true)");
        auto all = co_await queue::exported_tables(db);
        std::string text;
        for (const auto& table : all)
            for (const auto& line : co_await lines_of(db, all, table.name))
                text += line + "\n";
        EXPECT_NE(text.find("telegram:1"), text.npos) << "the rest of the row is there";
        for (const char* canary : {"canary", "63616e617279"}) // as text, and as bytes are written
            EXPECT_EQ(text.find(canary), text.npos) << canary;
    });
}

TEST_F(exported, a_reader_that_has_enough_ends_it) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.script("create table many (n int primary key); insert into many select generate_series(1, 9)");
        auto all = co_await queue::exported_tables(db);
        int seen = 0;
        auto taken = co_await queue::export_rows(db, *std::ranges::find(all, "many", &exported_table::name), 4,
                                                 [&](std::string_view) { return ++seen < 3; });
        EXPECT_EQ(taken, 2);
        EXPECT_EQ(seen, 3);
    });
}
