// Events are told by the database only while a process streams them, and rights to whoever listens.
#include "base/async.hpp"
#include "queue/api_tokens.hpp"
#include "queue/event_feed.hpp"
#include "queue/people.hpp"
#include "queue/testing_table.hpp"
#include "store/listener.hpp"

using namespace persais;
using namespace persais::queue;
using namespace std::chrono_literals;

namespace {

using numbers = std::vector<std::int64_t>;

struct told_events : queue::testing::table {
    /// What was said on the channel while `body` ran.
    template <class F>
    std::vector<std::string> heard(F body) {
        std::vector<std::string> said;
        pgserver::testing::on_a_loop([](std::string url, std::vector<std::string>& all, F work) -> awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            store::pool db(executor, {.url = secret(url), .size = 2});
            co_await store::migrate(db);
            persais::event connected(executor), last(executor);
            store::listener ear(executor, {.url = secret(url), .channels = {events_channel, "over"}, .suspends = false},
                                {.notified =
                                     [&](const std::string& channel, const std::string& payload) {
                                         if (channel == events_channel)
                                             all.push_back(payload);
                                         else
                                             last.set();
                                     },
                                 .connected = [&] { connected.set(); },
                                 .lost = [](const std::string&, bool) {}});
            ear.wake();
            co_await connected.wait();
            co_await work(db);
            co_await db.query("notify over"); // behind all that was committed before
            co_await last.wait();
            ear.close();
            db.close();
        }(database.url(), said, std::move(body)));
        return said;
    }
};

awaitable<void> add(store::pool& db, task_id of, numbers which) {
    for (auto each : which)
        co_await db.query("insert into task_events (task_id, number, fence, kind, body) values ($1, $2::bigint, 1, "
                          "'log', '{\"text\": \"x\"}')",
                          {of.str(), std::to_string(each)});
}

/// A task without events. `db` outlives it.
awaitable<task_id> a_task(store::pool& db) {
    pg_tasks all(db, "me", 10s);
    auto id = co_await all.add(queue::testing::some_order());
    co_await db.query("truncate task_events");
    co_return id;
}

awaitable<numbers> read(store::pool& db, feed_range which) {
    numbers all;
    for (const auto& each : co_await events_of(db, std::move(which)))
        all.push_back(each.what.number);
    co_return all;
}

using words = std::vector<std::string>;

} // namespace

TEST_F(told_events, are_told_while_somebody_streams_and_not_before_or_after) {
    EXPECT_EQ(heard([](store::pool& db) -> awaitable<void> {
                  auto id = co_await a_task(db);
                  co_await add(db, id, {1});
              }),
              words{});
    EXPECT_EQ(heard([](store::pool& db) -> awaitable<void> {
                  co_await tell_events_to(db, "a");
                  co_await tell_events_to(db, "a");
                  co_await tell_events_to(db, "b");
                  co_await add(db, {1}, {2});
                  co_await tell_no_events_to(db, "a");
                  co_await add(db, {1}, {3});
                  co_await tell_no_events_to(db, "b");
                  co_await tell_no_events_to(db, "b");
                  co_await add(db, {1}, {4});
              }),
              (words{"", ""}))
        << "until the last one stops";
}

TEST_F(told_events, are_told_for_a_process_that_died_only_until_its_time_is_over) {
    EXPECT_EQ(heard([](store::pool& db) -> awaitable<void> {
                  auto id = co_await a_task(db);
                  co_await tell_events_to(db, "killed");
                  co_await db.query("update event_streams set until = now()");
                  co_await add(db, id, {1});
                  co_await tell_events_to(db, "next");
                  auto r = co_await db.query("select string_agg(process, ' ') from event_streams");
                  EXPECT_EQ(r.text(0, 0), "next") << "whoever comes next sweeps";
                  co_await db.query("update event_streams set until = now() + interval '1 minute'");
                  co_await tell_events_to(db, "next");
                  r = co_await db.query("select until > now() + interval '23 hours' from event_streams");
                  EXPECT_TRUE(r.boolean(0, 0)) << "it said so again";
              }),
              words{});
}

TEST_F(told_events, are_not_told_of_a_write_that_failed_or_of_none) {
    EXPECT_EQ(heard([](store::pool& db) -> awaitable<void> {
                  auto id = co_await a_task(db);
                  co_await tell_events_to(db, "a");
                  EXPECT_EQ(co_await queue::testing::refusal(
                                db, "with one as (insert into task_events (task_id, number, fence, kind, body) "
                                    "values (1, 1, 1, 'log', '{}') returning number) select 1 / (number - 1) from one"),
                            "22012");
                  co_await db.query("insert into task_events (task_id, number, fence, kind, body) select $1::bigint, "
                                    "9, 1, 'log', '{}' where false",
                                    {id.str()});
              }),
              words{});
}

TEST_F(told_events, come_with_word_of_each_right_that_changed_whether_anybody_streams_or_not) {
    const std::string rights(rights_changed);
    EXPECT_EQ(heard([](store::pool& db) -> awaitable<void> {
                  co_await db.transact({set_role(5, "", "admin", "terminal", {})});
                  api_token what{.name = "x", .person = 7, .scopes = {"read"}, .made_by = "5"};
                  auto id = co_await add_api_token(db, std::string(64, 'a'), what, {});
                  co_await revoke_api_token(db, id, "5");
                  co_await revoke_api_token(db, id, "5");
              }),
              (words{rights, rights, rights}));
}

TEST_F(told_events, that_were_missing_are_waited_for_up_to_a_number_and_a_time) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await a_task(db);
        auto none = co_await newest_event(db);
        EXPECT_EQ(none.number, 0);
        EXPECT_EQ(none.missing, numbers{});
        co_await add(db, id, {7});
        EXPECT_EQ((co_await newest_event(db)).missing, numbers{}) << "what was before the first one is nobody's";
        co_await add(db, id, {9, 12});
        EXPECT_EQ((co_await newest_event(db)).missing, (numbers{8, 10, 11}));
        co_await db.query("update task_events set at = at - $1::bigint * interval '1 second' where number < 12",
                          {std::to_string(std::chrono::seconds(limits::feed_patience).count() + 1)});
        EXPECT_EQ((co_await newest_event(db)).missing, numbers{}) << "their transactions failed";
        EXPECT_EQ(co_await read(db, {.after = {.number = 7, .missing = {5}}, .but = {}, .task = {}}), (numbers{9, 12}));
    });
}

TEST_F(told_events, are_read_a_page_at_a_time_and_each_once) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await a_task(db);
        co_await db.query("insert into task_events (task_id, number, fence, kind, body) select $1::bigint, 2 * n, 1, "
                          "'log', '{\"text\": \"x\"}' from generate_series(1, $2::bigint) n",
                          {id.str(), std::to_string(limits::log_page + 3)});
        feed_place at{.number = 1, .missing = {}};
        auto first = co_await read(db, {.after = at, .but = {}, .task = id});
        EXPECT_EQ(first.size(), static_cast<std::size_t>(limits::log_page));
        at = {.number = first.back(), .missing = {3, 5}};
        co_await add(db, id, {3});
        auto rest = co_await read(db, {.after = at, .but = {}, .task = id});
        EXPECT_EQ(rest.size(), 4U) << "three, and the one that came late";
        EXPECT_EQ(rest.front(), 3);
        EXPECT_EQ(co_await read(db, {.after = at, .but = {}, .task = task_id{99}}), numbers{})
            << "what was missing is no more told of another's task";
    });
}

TEST_F(told_events, name_the_task_its_repository_and_who_gave_it) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await a_task(db);
        co_await add(db, id, {1});
        auto one = co_await events_of(db, {.after = {}, .but = {}, .task = {}});
        EXPECT_TRUE(one.size() == 1 && one[0].task == id && one[0].remote == "/srv/r.git" && !one[0].giver);
        co_await db.query("insert into forge_turns (task_id, turn, remote, number, author, person) values ($1::bigint, "
                          "0, 'r', 3, 'ann', 11), ($1::bigint, 1, 'r', 3, 'bob', 12)",
                          {id.str()});
        one = co_await events_of(db, {.after = {}, .but = {}, .task = {}});
        EXPECT_TRUE(one.size() == 1 && one[0].giver == 11) << "by a forge, and not who replied";
        co_await db.query("delete from forge_turns");
        co_await db.query("insert into api_tasks values ($1::bigint, 13)", {id.str()});
        one = co_await events_of(db, {.after = {}, .but = {}, .task = {}});
        EXPECT_TRUE(one.size() == 1 && one[0].giver == 13);
        co_await db.query("delete from tasks where id = $1::bigint", {id.str()});
        EXPECT_TRUE((co_await events_of(db, {.after = {}, .but = {}, .task = {}})).empty());
    });
}
