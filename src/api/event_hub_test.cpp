#include "api/event_hub.hpp"
#include "pgserver/testing.hpp"
#include "queue/api_tokens.hpp"
#include "queue/pg_tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::api;
using namespace std::chrono_literals;

namespace {

using numbers = std::vector<std::int64_t>;

struct streams : ::testing::Test {
    pgserver::testing::scratch_database database;
    config::settings settings;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, const config::settings& s, F work) -> awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            store::pool db(executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            event_hub hub(executor, db, s);
            co_await work(db, hub);
            db.close();
        }(database.url(), settings, std::move(body)));
    }
};

awaitable<task_id> a_task(store::pool& db) { // the test's own
    queue::pg_tasks all(db, "me", 10s);
    auto id = co_await all.add({.remote = "/r.git", .instruction = "Mend it.", .model = "m", .budget_usd = 1});
    co_return id;
}

awaitable<void> add(store::pool& db, task_id of, numbers which) { // the test's own
    for (auto each : which)
        co_await db.query("insert into task_events (task_id, number, fence, kind, body) values ($1, $2::bigint, 1, "
                          "'progress', '{\"text\": \"It works.\"}')",
                          {of.str(), std::to_string(each)});
}

numbers numbers_of(const std::vector<std::shared_ptr<const event_hub::item>>& some) {
    numbers all;
    for (const auto& each : some)
        all.push_back(each->number);
    return all;
}

} // namespace

TEST(place, is_written_and_read_back_with_what_is_missing) {
    EXPECT_EQ(id_of({.number = 17}), "17");
    EXPECT_EQ(id_of({.number = 17, .missing = {12, 14}}), "17.12.14");
    auto read = place_of("17.12.14");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->number, 17);
    EXPECT_EQ(read->missing, (numbers{12, 14}));
    EXPECT_EQ(place_of("0")->number, 0);
    for (const auto* bad : {"", ".", "17.", ".17", "a", "17.a", "-1", "17..12", "99999999999999999999"})
        EXPECT_FALSE(place_of(bad)) << bad;
    std::string many = "1";
    for (int i = 0; i <= limits::feed_missing; ++i)
        many += ".1";
    EXPECT_FALSE(place_of(many));
}

TEST_F(streams, have_each_event_once_also_one_that_was_committed_late) {
    with([](store::pool& db, event_hub& hub) -> awaitable<void> {
        auto task = co_await a_task(db);
        co_await db.query("truncate task_events");
        event_hub::listener one(co_await asio::this_coro::executor);
        hub.add(one);
        co_await add(db, task, {10, 11});
        auto at = co_await hub.newest();
        EXPECT_EQ(at.so_far.number, 11);
        EXPECT_EQ(numbers_of(*hub.from(at.next)), numbers{}) << "what was there before is the database's to tell";
        one.news.reset();
        co_await add(db, task, {12, 14});
        co_await hub.newest();
        EXPECT_TRUE(one.news.is_set());
        EXPECT_EQ(numbers_of(*hub.from(at.next)), (numbers{12, 14}));
        one.news.reset();
        co_await hub.newest();
        EXPECT_FALSE(one.news.is_set()) << "nothing happened";
        co_await add(db, task, {13, 15});
        auto later = co_await hub.newest();
        auto all = *hub.from(at.next);
        EXPECT_EQ(numbers_of(all), (numbers{12, 14, 13, 15}));
        EXPECT_TRUE(all[1]->text.starts_with("id: 14.13\nevent: progress\ndata: {")) << all[1]->text;
        EXPECT_TRUE(all[2]->text.starts_with("id: 14\n")) << "a stream that ended here goes on behind 14";
        EXPECT_EQ(later.so_far.missing, numbers{});
        hub.remove(one);
        co_await add(db, task, {16});
        event_hub::listener other(co_await asio::this_coro::executor);
        hub.add(other);
        auto anew = co_await hub.newest();
        EXPECT_EQ(anew.so_far.number, 16);
        EXPECT_EQ(numbers_of(*hub.from(anew.next)), numbers{}) << "while there was no stream, nothing was kept";
        EXPECT_FALSE(hub.from(at.next)) << "and a place from before is known to be gone";
        hub.remove(other);
    });
}

TEST_F(streams, know_the_rights_as_they_are_now) {
    with([this](store::pool& db, event_hub& hub) -> awaitable<void> {
        auto id = co_await queue::add_api_token(db, std::string(64, 'a'),
                                                {.name = "x", .scopes = {"read"}, .made_by = "terminal"}, std::nullopt);
        service::caller who{.token = id, .scopes = {service::scope::read}};
        event_hub::item what{.number = 1, .task = {1}, .remote = "/r.git", .giver = 7, .text = ""};
        event_hub::listener one(co_await asio::this_coro::executor);
        one.token = id;
        hub.add(one);
        EXPECT_FALSE(hub.may_see(who, what)) << "nothing is known yet";
        co_await hub.renew_rights();
        EXPECT_TRUE(hub.may_see(who, what));
        auto member = who;
        member.person = 7;
        EXPECT_FALSE(hub.may_see(member, what)) << "they have no right";
        settings.allowed_user_ids = {7, 8};
        EXPECT_TRUE(hub.may_see(member, what)) << "their own task";
        member.person = 8;
        EXPECT_FALSE(hub.may_see(member, what));
        co_await queue::revoke_api_token(db, id, "terminal");
        event_hub::listener other(co_await asio::this_coro::executor);
        hub.add(other); // what is known is looked at anew
        co_await hub.renew_rights();
        EXPECT_FALSE(hub.may_see(who, what));
        EXPECT_FALSE(hub.valid(id));
        EXPECT_EQ(hub.streams(), 2U);
        EXPECT_EQ(hub.streams_of(id), 1U);
        hub.remove(one);
        hub.remove(other);
    });
}

TEST_F(streams, events_are_told_by_the_database_while_there_is_a_stream_and_no_longer) {
    with([](store::pool& db, event_hub& hub) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        background<void> reading(executor, hub.run());
        auto told = [&db]() -> awaitable<std::int64_t> {
            co_return (co_await db.query("select count(*) from event_streams where until > now()")).number(0, 0);
        };
        event_hub::listener one(executor);
        hub.add(one);
        co_await hub.newest();
        EXPECT_EQ(co_await told(), 1);
        hub.remove(one);
        while (co_await told() > 0) {
        }
        hub.add(one);
        co_await hub.newest();
        EXPECT_EQ(co_await told(), 1) << "and again";
        hub.remove(one);
        co_await reading.stop();
    });
}
