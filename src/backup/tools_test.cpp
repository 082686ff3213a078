#include "backup/tools.hpp"
#include "base/temp_dir.hpp"
#include "pgserver/scratch.hpp"
#include "pgserver/testing.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

using pgserver::testing::on_a_loop;
using pgserver::testing::postgres_binaries;
using pgserver::testing::scratch_database;

config::settings with_ours() {
    config::settings s;
    s.postgres = postgres_binaries();
    return s;
}

TEST(tools, a_version_is_read_from_what_it_prints) {
    EXPECT_EQ(major_in("pg_dump (PostgreSQL) 18.4\n"), 18);
    EXPECT_EQ(major_in("pg_dump (PostgreSQL) 17.6 (Debian 17.6-0+deb13u1)\n"), 17);
    EXPECT_EQ(major_in("pg_dump (PostgreSQL) 19beta1\n"), 19);
    for (auto other : {"", "pg_dump", "pg_restore (PostgreSQL) 18.4", "pg_dump (PostgreSQL) x"})
        EXPECT_EQ(major_in(other), 0) << other;
}

TEST(tools, an_older_one_does_not_fit_nor_a_new_one_a_server_that_does_not_know_its_settings) {
    EXPECT_TRUE(fits(18, 18));
    EXPECT_TRUE(fits(18, 17));
    EXPECT_FALSE(fits(17, 18));
    EXPECT_TRUE(fits(16, 15));
    EXPECT_FALSE(fits(17, 16));
    EXPECT_FALSE(fits(18, 15));
}

TEST(tools, where_none_fits_it_is_said_what_to_install) {
    auto none = on_a_loop(find_tools(with_ours(), "/nowhere", 99));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().find("postgresql-client-99"), std::string::npos) << none.error();
}

struct dumped : testing::Test {
    temp_dir folder;
    std::filesystem::path file = folder.path() / "dump";
    tools with = *on_a_loop(find_tools(with_ours(), "/nowhere", 17));

    static std::int64_t number(const std::string& url, std::string sql) {
        return on_a_loop([](std::string at, std::string statement) -> awaitable<std::int64_t> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(at)), .size = 1});
            auto r = co_await db.query(std::move(statement));
            auto n = r.size() > 0 && !r.null(0, 0) ? r.number(0, 0) : 0;
            db.close();
            co_return n;
        }(url, std::move(sql)));
    }
};

TEST_F(dumped, a_database_is_read_back_into_an_empty_one) {
    scratch_database from, to;
    number(from.url(), "create table a (n int)");
    number(from.url(), "insert into a values (7)");
    number(from.url(), "create extension vector");
    ASSERT_TRUE(on_a_loop(dump_database(with, secret(from.url()), "", file)));
    ASSERT_TRUE(on_a_loop(restore_database(with, secret(to.url()), "", file)));
    EXPECT_EQ(number(to.url(), "select n from a"), 7);
    EXPECT_EQ(number(to.url(), "select count(*) from pg_extension where extname <> 'plpgsql'"), 0)
        << "extensions are the server's";
}

TEST_F(dumped, all_is_read_back_or_nothing) {
    scratch_database from, to;
    number(from.url(), "create table a (n int)");
    number(from.url(), "create table b (n int)");
    number(to.url(), "create table b (n int)"); // the second one is in the way
    ASSERT_TRUE(on_a_loop(dump_database(with, secret(from.url()), "", file)));
    auto read = on_a_loop(restore_database(with, secret(to.url()), "", file));
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().find("already exists"), std::string::npos) << read.error();
    EXPECT_EQ(number(to.url(), "select count(*) from pg_class where relname = 'a'"), 0);
}

TEST_F(dumped, a_database_that_cannot_be_reached_is_a_sentence_without_its_password) {
    auto gone = on_a_loop(dump_database(with, secret("postgresql://me:hunter2@127.0.0.1:1/x"), "", file));
    ASSERT_FALSE(gone);
    EXPECT_NE(gone.error().find("pg_dump"), std::string::npos) << gone.error();
    EXPECT_EQ(gone.error().find("hunter2"), std::string::npos);
}

/// What a program in the place of pg_dump is given: its arguments, its environment, and the file of secrets.
std::string given_to_pg_dump(const std::string& url, const std::string& ca_file) {
    temp_dir folder;
    auto program = folder.path() / "pg_dump", seen = folder.path() / "seen";
    std::ofstream(program) << "#!/bin/sh\n{ printf '%s\\n' \"$@\"; env; [ -z \"$PGSERVICEFILE\" ] || sed 's/^/file: /' "
                              "\"$PGSERVICEFILE\"; } > "
                           << seen.string() << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    EXPECT_TRUE(on_a_loop(dump_database({program, program, 18}, secret(url), ca_file, folder.path() / "dump")));
    std::ifstream in(seen);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(tools, the_connection_is_secured_as_those_of_the_service_are) {
    auto far = given_to_pg_dump("postgresql://u:secret1@db.example/x", "/ca.pem");
    EXPECT_NE(far.find("sslmode='verify-full'"), std::string::npos) << far;
    EXPECT_NE(far.find("sslrootcert='/ca.pem'"), std::string::npos) << far;
    auto near = given_to_pg_dump("postgresql://u@127.0.0.1/x", "");
    EXPECT_EQ(near.find("sslmode"), std::string::npos) << near;
}

TEST(tools, a_keys_password_is_handed_over_and_is_in_no_argument) {
    auto given = given_to_pg_dump("postgresql://u@db.example/x?sslpassword=opens", "");
    EXPECT_NE(given.find("file: sslpassword=opens"), std::string::npos) << given;
    EXPECT_NE(given.find("service='persais'"), std::string::npos) << given;
    EXPECT_EQ(given.find("sslpassword='"), std::string::npos) << given;
}

TEST(scratch, is_a_server_of_its_own_and_gone_afterwards) {
    temp_dir folder;
    on_a_loop([](std::filesystem::path at) -> awaitable<void> {
        auto up = co_await pgserver::scratch::start(at, postgres_binaries());
        EXPECT_TRUE(up) << up.error();
        if (!up) co_return;
        store::pool db(co_await asio::this_coro::executor, {.url = secret((*up)->url()), .size = 1});
        auto r = co_await db.query("select count(*) from pg_stat_user_tables");
        EXPECT_EQ(r.number(0, 0), 0);
        db.close();
        co_await (*up)->leave();
        EXPECT_FALSE(std::filesystem::exists(at / "postgres/cluster/postmaster.pid"));
    }(folder.path()));
}

TEST(scratch, without_programs_is_a_sentence) {
    temp_dir folder;
    EXPECT_FALSE(on_a_loop(pgserver::scratch::start(folder.path(), folder.path() / "none")));
}

} // namespace
} // namespace persais::backup
