#include "pgserver/raw_server.hpp"
#include "store/migrate.hpp"
#include "store/usability.hpp"

namespace persais::store {

using namespace pgserver::testing;
using enum objection::about;

namespace {

void run_in(const std::string& url, const std::string& sql) {
    on_a_loop([](std::string at, std::string statements) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(at), .size = 1});
        co_await db.script(statements);
    }(url, sql));
}

bool holds(const std::string& url, const std::string& relation) {
    return on_a_loop([](std::string at, std::string name) -> awaitable<bool> {
        pool db(co_await asio::this_coro::executor, {.url = secret(at), .size = 1});
        co_return !(co_await db.query("select to_regclass($1)", {name})).null(0, 0);
    }(url, relation));
}

std::string as_role(std::string url, const std::string& role) {
    return url.replace(url.find("user=persais"), 12, "user=" + role);
}

/// Why migrate() refuses; no statement of ours ran before it did.
std::optional<objection> refused(const std::string& url) {
    return on_a_loop([](std::string at) -> awaitable<std::optional<objection>> {
        pool db(co_await asio::this_coro::executor, {.url = secret(at), .size = 1, .absent = std::chrono::seconds(2)});
        try {
            co_await migrate(db);
        } catch (const not_usable& e) {
            EXPECT_EQ(std::string(e.what()), e.why.what + " " + e.why.to_do);
            co_return e.why;
        }
        co_return std::nullopt;
    }(url));
}

vector_state vector_of(const std::string& url) {
    return on_a_loop([](std::string at) -> awaitable<vector_state> {
        pool db(co_await asio::this_coro::executor, {.url = secret(at), .size = 1});
        co_return co_await look_at_vector(db);
    }(url));
}

/// A role that may do little, in the shared server.
struct guest {
    explicit guest(const scratch_database& in) : in_(in.url()) { run_in(in_, "create role guest login"); }
    ~guest() { run_in(in_, "drop owned by guest; drop role guest"); }
    guest(const guest&) = delete;
    std::string in_;
};

} // namespace

TEST(usability, a_database_with_another_encoding_is_refused_with_the_statement_that_makes_one) {
    for (const std::string encoding : {"LATIN1", "SQL_ASCII"}) {
        scratch_database d;
        auto name = "odd_" + encoding;
        auto lower = encoding == "LATIN1" ? "odd_latin1" : "odd_sql_ascii";
        scratch_server::shared().run(
            fmt::format("create database {} encoding '{}' locale 'C' template template0", name, encoding));
        auto url = d.url();
        url.replace(url.find("/" + d.name() + "?") + 1, d.name().size(), lower);
        auto why = refused(url);
        EXPECT_FALSE(holds(url, "persais_schema"));
        scratch_server::shared().run("drop database " + name);
        ASSERT_TRUE(why);
        EXPECT_EQ(why->part, server);
        EXPECT_NE(why->what.find("has the encoding " + encoding), std::string::npos) << why->what;
        scratch_server::shared().run(why->statement);
        scratch_server::shared().run("drop database persais");
    }
}

TEST(usability, a_role_that_may_only_read_is_refused_at_once_with_the_statement_that_mends_it) {
    scratch_database d;
    guest role(d);
    run_in(d.url(), "grant create on schema public to guest; alter role guest set default_transaction_read_only = on");
    auto why = refused(as_role(d.url(), "guest"));
    ASSERT_TRUE(why);
    EXPECT_EQ(why->part, server);
    EXPECT_NE(why->what.find("For role guest the database " + d.name() + " is read-only"), std::string::npos);
    run_in(d.url(), why->statement);
    EXPECT_FALSE(refused(as_role(d.url(), "guest")));
}

TEST(usability, a_role_that_may_not_make_tables_is_refused_with_the_grant) {
    scratch_database d;
    guest role(d);
    auto why = refused(as_role(d.url(), "guest"));
    ASSERT_TRUE(why);
    EXPECT_EQ(why->part, schema);
    EXPECT_EQ(why->statement, "GRANT USAGE, CREATE ON SCHEMA public TO guest;");
    run_in(d.url(), why->statement);
    EXPECT_FALSE(refused(as_role(d.url(), "guest")));
}

TEST(usability, a_database_without_a_schema_is_refused_with_the_statement_that_makes_one) {
    scratch_database d;
    run_in(d.url(), "drop schema public");
    auto why = refused(d.url());
    ASSERT_TRUE(why);
    EXPECT_EQ(why->statement, "CREATE SCHEMA public;");
    run_in(d.url(), why->statement);
    EXPECT_FALSE(refused(d.url()));
}

TEST(usability, tables_of_ours_that_belong_to_another_role_are_told_with_the_grant) {
    scratch_database d;
    guest role(d);
    EXPECT_FALSE(refused(d.url()));
    auto why = refused(as_role(d.url(), "guest"));
    ASSERT_TRUE(why);
    EXPECT_EQ(why->statement, "GRANT persais TO guest;");
    run_in(d.url(), why->statement);
    EXPECT_FALSE(refused(as_role(d.url(), "guest")));
}

TEST(usability, what_grants_the_making_of_tables_is_not_needed_when_they_are_there) {
    scratch_database d;
    EXPECT_FALSE(refused(d.url()));
    guest role(d);
    run_in(d.url(), "grant select, insert, update, delete on all tables in schema public to guest");
    EXPECT_FALSE(refused(as_role(d.url(), "guest")));
}

TEST(pgvector, is_installed_or_may_be_created_and_nothing_is_left_of_trying) {
    scratch_database d;
    for (int i = 0; i < 2; ++i) {
        auto found = vector_of(d.url());
        EXPECT_FALSE(found.installed || found.lack);
    }
    run_in(d.url(), "create extension vector");
    auto found = vector_of(d.url());
    EXPECT_TRUE(found.installed);
    EXPECT_FALSE(found.lack);
    EXPECT_NE(found.version, "");
}

TEST(pgvector, that_this_role_may_not_create_is_told_with_the_exact_statement) {
    scratch_database d;
    guest role(d);
    auto found = vector_of(as_role(d.url(), "guest"));
    ASSERT_TRUE(found.lack);
    EXPECT_TRUE(found.lack->what.ends_with(" is there, but role guest may not install it.")) << found.lack->what;
    EXPECT_EQ(found.lack->to_do, "Run in the database " + d.name() + " as a superuser: CREATE EXTENSION vector;");
}

TEST(pgvector, in_a_schema_where_nobody_looks_is_told_with_the_statement_that_finds_it) {
    scratch_database d;
    run_in(d.url(), "create schema extensions; create extension vector schema extensions");
    auto found = vector_of(d.url());
    ASSERT_TRUE(found.installed && found.lack);
    EXPECT_NE(found.lack->what.find("in the schema extensions"), std::string::npos) << found.lack->what;
    run_in(d.url(), found.lack->statement);
    EXPECT_FALSE(vector_of(d.url()).lack);
    run_in(d.url(), "select '[3,4]'::vector");
    guest role(d);
    auto hidden = vector_of(as_role(d.url(), "guest"));
    ASSERT_TRUE(hidden.lack);
    EXPECT_EQ(hidden.lack->statement, "GRANT USAGE ON SCHEMA extensions TO guest;");
}

} // namespace persais::store
