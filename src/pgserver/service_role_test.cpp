#include "pgserver/raw_server.hpp"

namespace persais::pgserver {

using namespace testing;

namespace {

/// The roles that own something in the schema public, and whether each is a superuser.
awaitable<std::string> owners(std::string url) {
    store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
    auto r = co_await db.query(
        "select coalesce(string_agg(distinct pg_get_userbyid(owner), ' '), '') from (select nspowner as owner from "
        "pg_namespace where nspname = 'public' union all select relowner from pg_class where relnamespace = "
        "'public'::regnamespace union all select typowner from pg_type where typnamespace = 'public'::regnamespace and "
        "typname in ('mood', 'age') union all select proowner from pg_proc where pronamespace = 'public'::regnamespace "
        "and proname = 'twice') as all_of_them");
    co_return std::string(r.text(0, 0));
}

} // namespace

TEST(service_role, the_service_is_no_superuser_and_owns_its_schema) {
    temp_dir data;
    new_cluster(data.path());
    on_a_loop([](std::filesystem::path folder) -> awaitable<void> {
        auto server = co_await started(folder);
        auto executor = co_await asio::this_coro::executor;
        {
            store::pool db(executor, {.url = secret(server->url()), .size = 1});
            auto r =
                co_await db.query("select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls "
                                  "from pg_roles where rolname = current_user");
            EXPECT_FALSE(r.boolean(0, 0));
            EXPECT_EQ(co_await state_of(db, "create table t (id int generated always as identity)"), "");
            EXPECT_EQ(co_await state_of(db, "copy t to program 'true'"), "42501");
            EXPECT_EQ(co_await state_of(db, "select pg_read_file('postgresql.conf')"), "42501");
            EXPECT_EQ(co_await state_of(db, "create role other"), "42501");
            EXPECT_EQ(co_await state_of(db, "create schema other"), "42501");
            EXPECT_EQ((co_await db.query("select count(*) from pg_extension where extname = 'vector'")).number(0, 0),
                      1);
            EXPECT_EQ(co_await owners(server->url()), service_role);
        }
        for (auto [name, role] : {std::pair{"persais", superuser}, {"postgres", service_role}}) {
            auto found = co_await find_cluster(folder, postgres_binaries());
            store::pool other(executor, {.url = secret(url_of(*found, name, role)), .size = 1});
            EXPECT_NE(co_await state_of(other, "select 1"), "") << role << " reaches " << name;
        }
        co_await server->leave();
    }(data.path()));
}

TEST(service_role, what_an_older_version_made_as_superuser_is_given_to_the_service) {
    raw_server old;
    old.start();
    on_a_loop([](raw_server& s) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        {
            store::pool first(executor, {.url = secret(s.url()), .size = 1});
            co_await becomes_true([&]() -> awaitable<bool> { co_return co_await state_of(first, "select 1") == ""; });
            co_await first.query("create database persais");
            store::pool db(executor, {.url = secret(url_of(s.what(), "persais")), .size = 1});
            for (const char* sql :
                 {"create type mood as enum ('well')", "create domain age as int",
                  "create table t (id int generated always as identity primary key, old serial, how mood)",
                  "create sequence alone", "create view v as select * from t",
                  "create materialized view m as select 1 as n",
                  "create function twice(n int) returns int language sql as 'select 2 * n'",
                  "insert into t (how) values ('well')"})
                co_await db.query(sql);
        }
        co_await s.stop();
        auto folder = s.what().folder.root().parent_path();
        auto server = co_await started(folder);
        EXPECT_EQ(co_await owners(server->url()), service_role);
        EXPECT_EQ(co_await answer(server->url(), "select count(*) from v"), 1);
        store::pool db(executor, {.url = secret(server->url()), .size = 1});
        for (const char* sql : {"alter table t add column more int", "alter type mood add value 'ill'",
                                "refresh materialized view m", "drop function twice(int)", "drop sequence alone"})
            EXPECT_EQ(co_await state_of(db, sql), "") << sql;
        db.close();
        co_await server->leave();
    }(old));
}

} // namespace persais::pgserver
