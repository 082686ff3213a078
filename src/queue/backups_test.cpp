#include "pgserver/testing.hpp"
#include "queue/backups.hpp"
#include "queue/pg_tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

namespace persais::queue {
namespace {

using namespace std::chrono_literals;
using store::pool;

template <class F>
void with(F body) {
    pgserver::testing::scratch_database d;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        co_await store::migrate(store::pool_options{.url = secret(url)});
        pool db(co_await asio::this_coro::executor, {.url = secret(url), .size = 2});
        co_await work(db);
        db.close();
    }(d.url(), std::move(body)));
}

backup_turn_options turn_of(std::string holder, std::chrono::milliseconds interval = 0ms,
                            std::chrono::milliseconds lasts = 1h) {
    return {.holder = std::move(holder), .interval = interval, .lasts = lasts, .tried_every = 24h};
}

good_backup good(const std::string& holder, const backup_turn& turn,
                 std::optional<std::chrono::milliseconds> tried = {}, time_point made = system_clock().now()) {
    return {.holder = holder, .name = "persais-x.age", .made = made, .bytes = 4096, .xid = turn.xid, .tried = tried};
}

awaitable<void> write_something(pool& db) {
    co_await pg_tasks(db, "me", 10s)
        .add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 2});
}

TEST(backups, nothing_is_known_before_the_first) {
    with([](pool& db) -> awaitable<void> {
        auto state = co_await backup_state_of(db);
        EXPECT_EQ(state.name + state.why, "");
        EXPECT_TRUE(co_await changed_since_backup(db)) << "there is none of what is there";
        EXPECT_FALSE(co_await backups_are_old(db, 0ms)) << "none was tried";
    });
}

TEST(backups, one_process_makes_one_at_a_time) {
    with([](pool& db) -> awaitable<void> {
        auto mine = co_await take_backup_turn(db, turn_of("a"));
        EXPECT_TRUE(mine && mine->trial_due);
        EXPECT_FALSE(co_await take_backup_turn(db, turn_of("b")));
        co_await backup_is_good(db, good("b", *mine)); // it has no turn, so it says nothing
        EXPECT_EQ((co_await backup_state_of(db)).name, "");
        co_await backup_is_good(db, good("a", *mine, 10ms));
        EXPECT_EQ((co_await backup_state_of(db)).name, "persais-x.age");
        EXPECT_EQ((co_await backup_state_of(db)).bytes, 4096);
        EXPECT_FALSE(co_await take_backup_turn(db, turn_of("b", 1h))) << "the next one is due in an hour";
        EXPECT_TRUE(co_await take_backup_turn(db, turn_of("b")));
    });
}

TEST(backups, the_turn_of_a_process_that_died_ends) {
    with([](pool& db) -> awaitable<void> {
        EXPECT_TRUE(co_await take_backup_turn(db, turn_of("dead", 0ms, 0ms)));
        EXPECT_TRUE(co_await take_backup_turn(db, turn_of("b")));
    });
}

TEST(backups, a_turn_is_given_back_by_whoever_leaves_and_for_who_has_died) {
    with([](pool& db) -> awaitable<void> {
        EXPECT_TRUE(co_await take_backup_turn(db, turn_of("a", 1h)));
        co_await give_backup_turns_back(db, {});
        co_await give_backup_turns_back(db, {"b", "c"});
        EXPECT_FALSE(co_await take_backup_turn(db, turn_of("b", 1h)));
        co_await give_backup_turns_back(db, {"x", "a"});
        EXPECT_TRUE(co_await take_backup_turn(db, turn_of("b", 1h))) << "at once: nothing came of that one";
    });
}

TEST(backups, a_change_is_seen_and_looking_for_it_is_none) {
    with([](pool& db) -> awaitable<void> {
        auto turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_is_good(db, good("a", *turn));
        EXPECT_FALSE(co_await changed_since_backup(db));
        EXPECT_FALSE(co_await changed_since_backup(db)) << "the look itself would be a change";
        co_await write_something(db);
        EXPECT_TRUE(co_await changed_since_backup(db));
    });
}

TEST(backups, what_is_written_while_one_is_made_is_for_the_next) {
    with([](pool& db) -> awaitable<void> {
        auto turn = co_await take_backup_turn(db, turn_of("a"));
        co_await write_something(db);
        co_await backup_is_good(db, good("a", *turn));
        EXPECT_TRUE(co_await changed_since_backup(db));
    });
}

TEST(backups, one_that_failed_is_told_and_made_again_though_nothing_changed) {
    with([](pool& db) -> awaitable<void> {
        auto turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_is_good(db, good("a", *turn));
        turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_failed(db, "a", "The disk is full.");
        auto state = co_await backup_state_of(db);
        EXPECT_EQ(state.why, "The disk is full.");
        EXPECT_EQ(state.name, "persais-x.age") << "the one before is still the newest good one";
        EXPECT_TRUE(co_await changed_since_backup(db));
        turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_is_good(db, good("a", *turn));
        EXPECT_EQ((co_await backup_state_of(db)).why, "");
    });
}

TEST(backups, trials_use_a_twentieth_of_the_time) {
    with([](pool& db) -> awaitable<void> {
        auto turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_is_good(db, good("a", *turn, 1min)); // the next one is due in twenty
        turn = co_await take_backup_turn(db, turn_of("a"));
        EXPECT_FALSE(turn->trial_due);
        co_await backup_is_good(db, good("a", *turn));
        co_await db.query("update backup_state set tried_at = tried_at - interval '21 minutes'");
        EXPECT_TRUE((co_await take_backup_turn(db, turn_of("a")))->trial_due);
        co_await db.query(
            "update backup_state set held_until = null, holder = null, tried_at = now() - interval '25 hours', "
            "tried_ms = 36000000");
        EXPECT_TRUE((co_await take_backup_turn(db, turn_of("a")))->trial_due) << "however long it takes, one a day";
    });
}

TEST(backups, that_they_are_old_is_said_once_until_there_is_a_good_one) {
    with([](pool& db) -> awaitable<void> {
        auto turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_is_good(db, good("a", *turn, {}, system_clock().now() - 1h));
        EXPECT_FALSE(co_await backups_are_old(db, 30min)) << "nothing has changed since, so it is not too old";
        turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_failed(db, "a", "no");
        EXPECT_FALSE(co_await backups_are_old(db, 2h));
        EXPECT_TRUE(co_await backups_are_old(db, 30min));
        EXPECT_FALSE(co_await backups_are_old(db, 30min));
        turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_is_good(db, good("a", *turn, {}, system_clock().now() - 1h));
        turn = co_await take_backup_turn(db, turn_of("a"));
        co_await backup_failed(db, "a", "no");
        EXPECT_TRUE(co_await backups_are_old(db, 30min)) << "after a good one it is news again";
    });
}

} // namespace
} // namespace persais::queue
