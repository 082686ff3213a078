#include "pgserver/raw_server.hpp"
#include "store/migrate.hpp"

namespace persais::store {

using namespace pgserver::testing;

namespace {

std::vector<migration> two_steps() {
    return {{1, "first", "create table a (n int primary key);\ninsert into a values (1);"},
            {2, "second", "alter table a add t text;\nselect pg_sleep(0.2);"}};
}

TEST(migrate, brings_a_fresh_database_up_and_is_harmless_again) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        EXPECT_EQ(co_await apply(db, two_steps()), 2);
        EXPECT_EQ(co_await apply(db, two_steps()), 0);
        auto r = co_await db.query("select number, name from persais_schema order by number");
        EXPECT_EQ(r.size(), 2);
        EXPECT_EQ(r.text(1, 1), "second");
        EXPECT_EQ((co_await db.query("select n, t from a")).size(), 1);
    }(d.url()));
}

TEST(migrate, two_starters_at_once_apply_each_step_once) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        std::list<pool> pools;
        std::list<beside<int>> starters;
        for (int i = 0; i < 5; ++i) {
            pools.emplace_back(executor, pool_options{.url = secret(url)});
            starters.emplace_back(executor, apply(pools.back(), two_steps()));
        }
        int applied = 0;
        for (auto& s : starters)
            applied += co_await s.end();
        EXPECT_EQ(applied, 2);
    }(d.url()));
}

TEST(migrate, a_failing_step_leaves_nothing_behind_and_those_before_it_in_place) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        auto steps = two_steps();
        steps[1].sql = "create table half (n int); select 1 / 0;";
        std::string state;
        try {
            co_await apply(db, steps);
        } catch (const db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, "22012");
        EXPECT_TRUE((co_await db.query("select to_regclass('half')")).null(0, 0));
        EXPECT_EQ((co_await db.query("select max(number) from persais_schema")).number(0, 0), 1);
        EXPECT_EQ(co_await apply(db, two_steps()), 1);
    }(d.url()));
}

TEST(migrate, a_step_that_was_changed_after_it_was_applied_is_one_clear_error) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        auto steps = two_steps();
        co_await apply(db, steps);
        steps[0].sql += " ";
        std::string said;
        try {
            co_await apply(db, steps);
        } catch (const std::runtime_error& e) {
            said = e.what();
        }
        EXPECT_EQ(said,
                  "migration 1 (first) was changed after it had been applied to this database; a change of the schema "
                  "is a new migration");
    }(d.url()));
}

TEST(migrate, an_older_binary_leaves_a_newer_schema_alone) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        auto older = two_steps();
        older.pop_back();
        co_await apply(db, two_steps());
        EXPECT_EQ(co_await apply(db, older), 0);
        EXPECT_EQ((co_await db.query("select max(number) from persais_schema")).number(0, 0), 2);
    }(d.url()));
}

TEST(migrate, the_files_are_numbered_from_one_without_a_gap) {
    int expected = 0;
    for (const auto& m : all_migrations())
        EXPECT_EQ(m.number, ++expected) << m.name;
}

TEST(migrate, another_programs_database_is_refused_and_left_alone) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        co_await db.query("create table users (id int)");
        std::string said;
        try {
            co_await migrate(db);
        } catch (const std::runtime_error& e) {
            said = e.what();
        }
        EXPECT_NE(said.find("users"), std::string::npos) << said;
        EXPECT_TRUE((co_await db.query("select to_regclass('tasks')")).null(0, 0));
        co_await db.query("drop table users");
        co_await db.query("create extension if not exists vector");
        EXPECT_GT(co_await migrate(db), 0);
        co_await db.query("create table users (id int)");
        EXPECT_EQ(co_await migrate(db), 0) << "beside ours, others are not our affair";
    }(d.url()));
}

TEST(migrate, vectors_are_there) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        co_await db.query("create extension if not exists vector");
        EXPECT_DOUBLE_EQ((co_await db.query("select '[3,4]'::vector <-> '[0,0]'::vector")).real(0, 0), 5);
    }(d.url()));
}

} // namespace

} // namespace persais::store
