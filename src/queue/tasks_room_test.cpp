// How many tasks of one repository are worked on at once.
#include "base/background.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::queue::testing;
using queue::pg_tasks;
using queue::snapshot;

namespace {

order of_repository(std::string remote) {
    auto o = some_order();
    o.remote = std::move(remote);
    return o;
}

awaitable<void> limit(store::pool& db, std::string remote, int most) {
    co_await db.query("insert into repositories (name, remote, parallel) values ($1, $2, $3::int)",
                      {"r" + std::to_string(most), remote, std::to_string(most)});
}

awaitable<void> settle(pg_tasks& all, snapshot held) {
    auto next = held.task;
    next.now = aborted{};
    EXPECT_TRUE(co_await all.save(held, next, false));
}

} // namespace

TEST_F(table, a_repository_has_at_most_as_many_tasks_at_once_as_is_set) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        co_await limit(db, "a", 2);
        for (int i = 0; i < 4; ++i)
            co_await all.add(of_repository("a"));
        co_await all.add(of_repository("b"));
        auto seen = co_await all.look({}, 9, true);
        EXPECT_EQ(seen.claimable.size(), 3u) << "two of a, and one of b";
        auto first = co_await claim(all), second = co_await claim(all), third = co_await claim(all);
        EXPECT_TRUE(first && second && third);
        EXPECT_FALSE(co_await all.claimable()) << "it is full";
        EXPECT_GT((co_await all.next_due()).due.value_or(0ms), 5s) << "when a lease ends, and not at once";
        co_await settle(all, *(first->task.what.remote == "a" ? first : second));
        auto next = co_await claim(all);
        EXPECT_TRUE(next && next->task.what.remote == "a");
        EXPECT_FALSE(co_await all.claimable());
    });
}

TEST_F(table, of_two_claims_at_one_moment_the_repository_has_room_for_one) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks one(db, "one", 10s), other(db, "other", 10s);
        co_await limit(db, "a", 1);
        for (int i = 0; i < 2; ++i)
            co_await one.add(of_repository("a"));
        auto both = co_await db.query("select id from tasks order by id");
        // Each looked before the other claimed.
        auto x = co_await one.load({both.number(0, 0)}), y = co_await other.load({both.number(1, 0)});
        auto claimed_by = [](pg_tasks& who, snapshot s) -> awaitable<bool> {
            auto next = s.task;
            step(next, claimed{next_lease(s)}, s.read_at);
            co_return co_await who.save(s, next, true);
        };
        EXPECT_TRUE(co_await claimed_by(one, *x));
        EXPECT_FALSE(co_await claimed_by(other, *y));
        EXPECT_EQ((co_await db.query("select count(*) from tasks where lease_until is not null")).number(0, 0), 1);
    });
}

TEST_F(table, a_task_at_a_terminal_is_not_held_up_by_the_limit_of_its_repository) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        co_await limit(db, "a", 1);
        co_await all.add(of_repository("a"));
        EXPECT_TRUE(co_await claim(all));
        auto here = of_repository("a");
        here.foreground = true;
        EXPECT_TRUE(co_await claim(all, co_await all.add(here)));
    });
}

TEST_F(table, what_waited_goes_on_when_there_is_room_again) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        co_await limit(db, "a", 1);
        auto waits = co_await all.add(of_repository("a"));
        auto held = co_await claim(all, waits);
        auto next = held->task;
        next.now = waiting{wait_reason::remote_away, held->read_at, held->read_at + 24h};
        EXPECT_TRUE(co_await all.save(*held, next, false));
        co_await all.add(of_repository("a"));
        co_await db.query("update tasks set wait_until = now() + interval '1 h' where state = 'waiting'");
        auto second = co_await claim(all);
        co_await db.query("update tasks set wait_until = now() - interval '1 s' where state = 'waiting'");
        EXPECT_FALSE(co_await all.claimable()) << "its wait is over, but the repository is full";
        EXPECT_GT((co_await all.next_due()).due.value_or(0ms), 5s);
        co_await settle(all, *second);
        EXPECT_EQ((co_await all.claimable())->task.id, waits);
    });
}

TEST_F(table, twenty_people_with_twenty_repositories_have_their_turns_one_after_the_other) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        constexpr int people = 20, each = 3;
        for (int p = 0; p < people; ++p) // one after the other: the first one's tasks are all older than the last one's
            for (int i = 0; i < each; ++i)
                co_await all.add(of_repository(fmt::format("of {:02}", p)));
        for (int round = 0; round < each; ++round) {
            std::map<std::string, int> served;
            for (int p = 0; p < people; ++p) {
                auto held = co_await claim(all);
                EXPECT_TRUE(held);
                if (!held) co_return;
                ++served[held->task.what.remote];
                co_await settle(all, *held);
            }
            EXPECT_EQ(served.size(), static_cast<std::size_t>(people))
                << "in round " << round << " each was served once";
        }
    });
}
