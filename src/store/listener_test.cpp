#include "pgserver/raw_server.hpp"
#include "pgserver/testing_bouncer.hpp"
#include "pgserver/testing_neon.hpp"
#include "store/address.hpp"
#include "store/listener.hpp"

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

std::optional<secret> direct(std::string database, std::string direct = "", bool server_is_pooler = false) {
    return direct_url(secret(std::move(database)), secret(std::move(direct)), server_is_pooler);
}

TEST(direct_url, is_what_was_given_or_the_address_without_its_pooler) {
    EXPECT_EQ(direct("postgresql://u:p@ep-a-1-pooler.eu.aws.neon.tech/d?sslmode=require&channel_binding=require"),
              "postgresql://u:p@ep-a-1.eu.aws.neon.tech/d?sslmode=require&channel_binding=require");
    EXPECT_EQ(direct("postgresql://u:-pooler.x@ep-a-pooler.x.neon.tech:5432/d"),
              "postgresql://u:-pooler.x@ep-a.x.neon.tech:5432/d");
    EXPECT_EQ(direct("postgresql://u@ep-a-pooler.x.neon.tech/d", "postgresql://other/d"), "postgresql://other/d");
    EXPECT_EQ(direct("postgresql://u@db.example.net/d"), "postgresql://u@db.example.net/d");
    EXPECT_EQ(direct("postgresql:///d?host=/run/x"), "postgresql:///d?host=/run/x");
    auto line = direct("host=ep-a-pooler.x.neon.tech user=u password='it\\'s'").value_or(secret()).reveal();
    EXPECT_TRUE(line.contains("host='ep-a.x.neon.tech'") && line.contains("password='it\\'s'")) << line;
    line = direct("postgresql:///d?host=ep-a-pooler.x.neon.tech").value_or(secret()).reveal();
    EXPECT_TRUE(line.contains("host='ep-a.x.neon.tech'") && line.contains("dbname='d'")) << line;
}

TEST(direct_url, is_none_where_only_a_pooler_is_known) {
    for (auto url : {"postgresql://u@h.example.net:6432/d", "postgresql://u@aws-0-eu.pooler.supabase.com:6543/d",
                     "postgresql://u@pgbouncer/d", "postgresql://u@db-pooler/d"})
        EXPECT_EQ(direct(url), std::nullopt) << url;
    EXPECT_EQ(direct("postgresql://u@db.example.net/d", "", true), std::nullopt);
    EXPECT_EQ(direct("postgresql://u@db.example.net/d", "postgresql://other/d", true), "postgresql://other/d");
}

TEST(may_suspend, is_not_thought_of_servers_that_are_near) {
    for (auto url : {"postgresql:///d?host=/run/x", "postgresql://localhost/d", "postgresql://postgres:5432/d",
                     "postgresql://10.1.2.3/d", "postgresql://[fdaa::3]/d", "postgresql://db.internal/d"})
        EXPECT_FALSE(may_suspend(secret(url))) << url;
    for (auto url :
         {"postgresql://ep-a.eu.aws.neon.tech/d", "postgresql://8.8.8.8/d", "postgresql://10.1.2.3,db.example.net/d"})
        EXPECT_TRUE(may_suspend(secret(url))) << url;
}

/// What a listener reported, as lines; a test waits for the next one.
struct diary {
    explicit diary(const asio::any_io_executor& executor) : news(executor) {}
    listener_events events() {
        return {.notified = [this](const std::string& c, const std::string& p) { write(c + ": " + p); },
                .connected = [this] { write("connected"); },
                .lost =
                    [this](const std::string& why, bool asleep) {
                        reasons.push_back(why);
                        write(asleep ? "asleep" : "lost");
                    }};
    }
    void write(std::string line) {
        lines.push_back(std::move(line));
        news.set();
    }
    awaitable<std::string> next() {
        while (lines.empty()) {
            news.reset();
            co_await news.wait();
        }
        auto line = lines.front();
        lines.pop_front();
        co_return line;
    }
    /// The next line that is not `dull`, to skip failed attempts.
    awaitable<std::string> next_but(std::string dull) {
        auto line = co_await next();
        while (line == dull)
            line = co_await next();
        co_return line;
    }
    std::list<std::string> lines;
    std::vector<std::string> reasons; // one for each loss
    event news;
};

awaitable<void> notify(std::string url, std::string channel, std::string payload) {
    pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
    co_await db.query("select pg_notify($1, $2)", {channel, payload});
}

TEST(listener, hears_what_others_send_on_its_channels) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        diary heard(executor);
        listener l(executor, {.url = secret(url), .channels = {"tasks", "Odd \"name\""}}, heard.events());
        EXPECT_EQ(l.state(), listening::off);
        l.wake();
        EXPECT_EQ(co_await heard.next(), "connected");
        EXPECT_EQ(l.state(), listening::on);
        co_await notify(url, "tasks", "17");
        co_await notify(url, "others", "-");
        co_await notify(url, "Odd \"name\"", "");
        EXPECT_EQ(co_await heard.next(), "tasks: 17");
        EXPECT_EQ(co_await heard.next(), "Odd \"name\": ");
        l.close();
        l.close();
        l.wake();
        EXPECT_EQ(l.state(), listening::closed);
        EXPECT_TRUE(heard.lines.empty());
    }(d.url()));
}

TEST(listener, comes_back_when_a_server_near_by_restarts_however_idle_it_was) {
    raw_server server;
    server.start();
    on_a_loop([](raw_server& s) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        diary heard(executor);
        listener l(executor, {.url = secret(s.url()), .channels = {"c"}, .idle = 0ms}, heard.events());
        l.wake();
        EXPECT_EQ(co_await heard.next_but("lost"), "connected"); // the server may still be starting
        heard.reasons.clear();
        co_await s.stop();
        EXPECT_EQ(co_await heard.next(), "lost");
        EXPECT_TRUE(heard.reasons.front().contains("terminating connection")) << heard.reasons.front();
        s.start();
        EXPECT_EQ(co_await heard.next_but("lost"), "connected");
        co_await notify(s.url(), "c", "x");
        EXPECT_EQ(co_await heard.next(), "c: x");
    }(server));
}

TEST(listener, lets_a_server_sleep_that_went_to_sleep_until_there_is_work) {
    neon server(scratch_server::shared().what());
    on_a_loop([](neon& n) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        diary heard(executor);
        listener l(executor, {.url = secret(n.url()), .channels = {"c"}, .suspends = true, .idle = 0ms},
                   heard.events());
        l.wake();
        EXPECT_EQ(co_await heard.next(), "connected");
        n.order("sleep 0");
        EXPECT_EQ(co_await heard.next(), "asleep");
        EXPECT_EQ(l.state(), listening::asleep);
        auto before = n.count("connections");
        co_await sleep_for(1s); // twenty times the shortest backoff
        EXPECT_EQ(n.count("connections"), before);
        EXPECT_EQ(n.count("wakes"), 0);
        l.wake();
        l.wake();
        EXPECT_EQ(co_await heard.next(), "connected");
        EXPECT_EQ(n.count("wakes"), 1);
        co_await notify(n.url(), "c", "y");
        EXPECT_EQ(co_await heard.next(), "c: y");
    }(server));
}

TEST(listener, may_be_woken_and_ended_by_what_it_tells) {
    neon server(scratch_server::shared().what());
    on_a_loop([](neon& n) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        diary heard(executor);
        std::unique_ptr<listener> l;
        auto events = heard.events();
        int connections = 0;
        events.connected = [&] {
            heard.write("connected");
            if (++connections == 2) l.reset();
        };
        events.lost = [&](const std::string& why, bool asleep) {
            EXPECT_TRUE(asleep) << why;
            l->wake();
        };
        l = std::make_unique<listener>(
            executor, listener_options{.url = secret(n.url()), .channels = {"c"}, .suspends = true, .idle = 0ms},
            events);
        l->wake();
        EXPECT_EQ(co_await heard.next(), "connected");
        n.order("sleep");
        EXPECT_EQ(co_await heard.next(), "connected");
        EXPECT_EQ(l, nullptr);
    }(server));
}

TEST(listener, a_loss_in_the_midst_of_work_is_mended_even_where_servers_sleep) {
    neon server(scratch_server::shared().what());
    on_a_loop([](neon& n) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        diary heard(executor);
        listener l(executor, {.url = secret(n.url()), .channels = {"c"}, .suspends = true}, heard.events());
        l.wake();
        EXPECT_EQ(co_await heard.next(), "connected");
        n.order("away");
        EXPECT_EQ(co_await heard.next(), "lost");
        EXPECT_EQ(co_await heard.next(), "lost"); // a failed attempt
        EXPECT_TRUE(heard.reasons.back().contains("nothing answers at ep-test.eu.aws.neon.tech"))
            << heard.reasons.back();
        n.order("back");
        EXPECT_EQ(co_await heard.next_but("lost"), "connected");
    }(server));
}

TEST(listener, says_that_a_transaction_pooler_is_no_place_to_listen) {
    NEEDS_PGBOUNCER;
    bouncer b(scratch_server::shared().what());
    on_a_loop([](std::string url) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        diary heard(executor);
        listener l(executor, {.url = secret(url), .channels = {"c"}}, heard.events());
        l.wake();
        EXPECT_EQ(co_await heard.next_but("lost"), "asleep");
        EXPECT_TRUE(heard.reasons.back().contains("DIRECT_URL")) << heard.reasons.back();
        EXPECT_EQ(l.state(), listening::closed);
    }(b.url()));
}

} // namespace

} // namespace persais::store
