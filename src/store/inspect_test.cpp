#include "pgserver/raw_server.hpp"
#include "pgserver/testing_bouncer.hpp"
#include "store/inspect.hpp"

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

inspection inspected(const std::string& url) {
    return on_a_loop([](std::string at) -> awaitable<inspection> {
        pool db(co_await asio::this_coro::executor, {.url = secret(at), .size = 1});
        co_return co_await inspect(db);
    }(url));
}

void run_in(const std::string& url, const std::string& sql) {
    on_a_loop([](std::string at, std::string statements) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(at), .size = 1});
        co_await db.script(statements);
    }(url, sql));
}

TEST(inspect, tells_what_doctor_shows) {
    scratch_database d;
    auto found = inspected(d.url());
    EXPECT_TRUE(found.version.starts_with(std::to_string(scratch_server::shared().what().major) + "."))
        << found.version;
    EXPECT_EQ(found.max_connections, 50);
    EXPECT_GT(found.bytes, 1'000'000);
    EXPECT_FALSE(found.read_only || found.pooled || found.encrypted || found.verified);
    EXPECT_GT(found.latency, 0ms);
    EXPECT_LT(found.latency, 5s);
    EXPECT_LT(std::abs(found.clock_ahead.count()), 5000);
}

TEST(inspect, sees_a_read_only_server_and_a_pooler) {
    NEEDS_PGBOUNCER;
    scratch_database d;
    bouncer b(scratch_server::shared().what());
    const auto& name = d.name();
    run_in(d.url(), "alter database \"" + name + "\" set default_transaction_read_only = on");
    auto found = inspected(b.url(name));
    run_in(d.url(), "set transaction read write; alter database \"" + name + "\" reset default_transaction_read_only");
    EXPECT_TRUE(found.read_only);
    EXPECT_TRUE(found.pooled);
}

} // namespace

} // namespace persais::store
