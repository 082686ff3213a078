#include "doctor/alone.hpp"
#include "doctor/database.hpp"
#include "doctor/examine.hpp"
#include "pgserver/testing.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::doctor;

namespace {

using pgserver::testing::scratch_database;
using pgserver::testing::scratch_server;

findings look(const std::string& url, int pool = 3, const std::string& direct = "") {
    config::settings s;
    s.database_url = secret(url);
    s.direct_url = secret(direct);
    s.database_pool_size = pool;
    return *run_alone<findings>([&](const asio::any_io_executor& executor, auto& kept) {
        auto visiting = std::make_shared<visit>(executor, s, "/nowhere");
        kept.push_back(visiting);
        return examine(visiting->of, aspect::database);
    });
}

/// A role that owns nothing in the same database.
struct stranger {
    explicit stranger(const std::string& more = "") {
        scratch_server::shared().run("create role stranger login " + more);
    }
    ~stranger() { scratch_server::shared().run("drop role stranger"); }
    stranger(const stranger&) = delete;
    static std::string url(const scratch_database& of) {
        auto url = of.url();
        auto user = url.find("user=");
        return url.replace(user, url.find('&', user) - user, "user=stranger");
    }
};

const finding& of(const findings& all, std::string_view name) {
    const auto* found = find(all, name);
    if (!found) throw std::runtime_error("no finding " + std::string(name));
    return *found;
}

} // namespace

TEST(probe_database, says_of_one_that_is_well_what_it_is) {
    scratch_database db;
    auto seen = look(db.url());
    for (int i = 0; i < 10 && of(seen, "pool").how != grade::ok; ++i) // a busy machine may not open all of them in time
        seen = look(db.url());
    EXPECT_EQ(of(seen, "database").how, grade::ok) << of(seen, "database").sentence;
    EXPECT_EQ(of(seen, "pgvector").how, grade::ok) << of(seen, "pgvector").sentence;
    EXPECT_EQ(of(seen, "pool").how, grade::ok);
    EXPECT_EQ(of(seen, "pool").facts.at("opened").to_number<int>(), 3);
    EXPECT_EQ(find(seen, "direct"), nullptr);
}

TEST(probe_database, warns_of_a_role_that_is_a_superuser) {
    scratch_database db;
    EXPECT_EQ(of(look(db.url()), "role").how, grade::warn);
    stranger role;
    const auto seen = look(stranger::url(db));
    EXPECT_EQ(of(seen, "role").how, grade::ok) << of(seen, "role").sentence;
}

TEST(probe_database, leaves_nothing_in_it) {
    scratch_database db;
    look(db.url());
    auto left = pgserver::testing::on_a_loop<store::rows>([](std::string url) -> awaitable<store::rows> {
        store::pool pool(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        auto r = co_await pool.query("select (select count(*) from pg_extension where extname = 'vector') + "
                                     "(select count(*) from pg_class where relnamespace = 'public'::regnamespace)");
        pool.close();
        co_return r;
    }(db.url()));
    EXPECT_EQ(left.number(0, 0), 0);
}

TEST(probe_database, names_the_statement_and_the_role_when_pgvector_may_not_be_installed) {
    scratch_database db;
    stranger role;
    const auto seen = look(stranger::url(db));
    const auto& vector = of(seen, "pgvector");
    EXPECT_EQ(vector.how, grade::fail);
    EXPECT_NE(vector.sentence.find("role stranger may not install it"), std::string::npos) << vector.sentence;
    EXPECT_NE(vector.advice.find("CREATE EXTENSION vector;"), std::string::npos) << vector.advice;
    EXPECT_EQ(of(seen, "database").how, grade::ok);
}

TEST(probe_database, names_the_statement_when_our_tables_may_not_be_made) {
    scratch_database db;
    stranger role;
    const auto seen = look(stranger::url(db));
    EXPECT_EQ(of(seen, "schema").how, grade::fail);
    EXPECT_TRUE(of(seen, "schema").advice.ends_with(": GRANT USAGE, CREATE ON SCHEMA public TO stranger;"))
        << of(seen, "schema").advice;
    EXPECT_EQ(of(look(db.url()), "schema").how, grade::ok);
}

TEST(probe_database, says_whose_tables_are_in_the_way) {
    scratch_database db;
    pgserver::testing::on_a_loop<store::rows>([](std::string url) -> awaitable<store::rows> {
        store::pool pool(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        auto r = co_await pool.query("create table invoices ()");
        pool.close();
        co_return r;
    }(db.url()));
    const auto seen = look(db.url());
    EXPECT_EQ(of(seen, "schema").how, grade::fail);
    EXPECT_NE(of(seen, "schema").sentence.find("another program (invoices)"), std::string::npos)
        << of(seen, "schema").sentence;
}

TEST(probe_database, says_that_it_is_read_only) {
    scratch_database db;
    auto name = db.url();
    name = name.substr(name.find("scratch_"));
    name = name.substr(0, name.find('?'));
    scratch_server::shared().run("alter database " + name + " set default_transaction_read_only = on");
    const auto seen = look(db.url());
    EXPECT_EQ(of(seen, "database").how, grade::fail);
    EXPECT_NE(of(seen, "database").sentence.find("read-only"), std::string::npos) << of(seen, "database").sentence;
}

TEST(probe_database, finds_a_pool_that_is_larger_than_the_server_allows) {
    scratch_database db;
    stranger role("connection limit 2");
    const auto seen = look(stranger::url(db), 4);
    EXPECT_NE(of(seen, "pool").how, grade::ok) << of(seen, "pool").sentence;
    EXPECT_NE(of(seen, "pool").advice.find("DATABASE_POOL_SIZE"), std::string::npos) << of(seen, "pool").advice;
}

TEST(probe_database, tries_the_direct_address_on_its_own) {
    scratch_database db;
    EXPECT_EQ(of(look(db.url(), 1, scratch_server::shared().url()), "direct").how, grade::ok);
    auto nowhere = look(db.url(), 1, "postgresql://127.0.0.1:9/x");
    EXPECT_EQ(of(nowhere, "direct").how, grade::fail);
    EXPECT_EQ(of(nowhere, "database").how, grade::ok);
}
