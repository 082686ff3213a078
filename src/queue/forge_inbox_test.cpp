#include "queue/forge_inbox.hpp"
#include "queue/testing_table.hpp"

using namespace persais;
using namespace persais::queue;
using namespace std::chrono_literals;

namespace {

struct forge_tables : queue::testing::table {};

heard comment(std::string thing, std::string at, std::string delivery = "") {
    return {.remote = "https://f/a/b",
            .kind = "comment",
            .thing = std::move(thing),
            .number = 3,
            .said_at = std::move(at),
            .delivery = std::move(delivery)};
}

/// Where it is told, and with which marks, that the task came into this state. `db` and `all` outlive it.
awaitable<std::string> told_of(store::pool& db, pg_tasks& all, task_id id, mechanic::state now) {
    auto was = co_await all.load(id);
    if (!was || !co_await all.save(*was, queue::testing::in_state(was->task, std::move(now)), false))
        co_return "not saved";
    auto r = co_await db.query("delete from forge_outbox returning number || ' ' || mark");
    std::string told;
    for (int i = 0; i < r.size(); ++i)
        told += r.text(i, 0);
    co_return told;
}

} // namespace

TEST_F(forge_tables, keep_what_was_heard_once_and_give_it_in_the_order_in_which_it_was_said) {
    with([](store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await next_at_forge(db), std::nullopt);
        EXPECT_EQ(co_await keep_heard(db, {comment("2", "2026-11-30T12:00:02Z", "d-1")}, "", ""), 1);
        EXPECT_EQ(co_await keep_heard(db, {comment("2", "2026-11-30T12:00:02Z", "d-1")}, "", ""), 0) << "sent again";
        EXPECT_EQ(co_await keep_heard(db, {comment("2", "2026-11-30T12:00:02Z")}, "", ""), 0) << "found by a poll";
        EXPECT_EQ(co_await keep_heard(db, {comment("9", "2026-11-30T12:00:00Z", "d-1")}, "", ""), 0)
            << "one call tells of one thing";
        EXPECT_EQ(co_await keep_heard(db, {comment("1", "2026-11-30T12:00:01Z", "d-2")}, "", ""), 1);
        auto mine = co_await claim_heard(db, 60s);
        EXPECT_EQ(mine.size(), 2U);
        if (mine.size() != 2) co_return;
        EXPECT_EQ((std::pair(mine[0].thing, mine[1].thing)), (std::pair<std::string, std::string>("1", "2")));
        EXPECT_TRUE((co_await claim_heard(db, 60s)).empty()) << "nobody else gets it meanwhile";
        co_await db.transact({take_heard(mine[0].id, "task")});
        try {
            co_await db.transact({take_heard(mine[0].id, "task")});
            ADD_FAILURE() << "it was done before";
        } catch (const store::db_error& e) {
            EXPECT_EQ(e.sqlstate, "PX001");
        }
        co_await put_off_heard(db, mine[1].id, 0s);
        auto again = co_await claim_heard(db, 60s);
        EXPECT_EQ(again.size(), 1U);
        EXPECT_EQ(again.at(0).tries, 1);
        EXPECT_GT(co_await next_at_forge(db), 50s);
    });
}

TEST_F(forge_tables, know_how_far_each_repository_was_looked_through) {
    with([](store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await looked_until(db, "r"), std::nullopt);
        co_await keep_heard(db, {}, "r", "2026-11-30T12:00:02Z");
        co_await keep_heard(db, {}, "r", "2026-11-30T11:00:00Z");
        EXPECT_EQ(co_await looked_until(db, "r"), "2026-11-30T12:00:02Z") << "never back";
    });
}

TEST_F(forge_tables, tell_what_comes_of_a_task_where_its_newest_turn_was_asked_for) {
    with([](store::pool& db) -> awaitable<void> {
        pg_tasks all(db, "me", 10s);
        auto other = co_await all.add(queue::testing::some_order());
        auto id = co_await all.add(queue::testing::some_order());
        co_await db.transact({came_from_forge({.task = id, .turn = 0, .remote = "r", .number = 3, .author = "ann"})});
        const mechanic::review result{queue::testing::commit, mechanic::verdict::ready};
        EXPECT_EQ(co_await told_of(db, all, other, result), "") << "it came from elsewhere";
        auto said = co_await told_of(db, all, id, result);
        EXPECT_TRUE(said.starts_with("3 task-" + id.str() + "-0-review-")) << said;
        EXPECT_EQ(co_await told_of(db, all, id, result), "") << "it stands as before";
        co_await db.transact({came_from_forge({.task = id, .turn = 1, .remote = "r", .number = 5, .author = ""})});
        said = co_await told_of(db, all, id, mechanic::discarded{queue::testing::commit});
        EXPECT_TRUE(said.starts_with("3 ")) << "its reply was not begun yet: " << said;
    });
}

TEST_F(forge_tables, know_who_somebody_is_and_how_much_of_theirs_waits) {
    with([](store::pool& db) -> awaitable<void> {
        auto nobody = co_await author_at_forge(db, "github", "ann");
        EXPECT_EQ((std::tuple(nobody.person, nobody.waiting, nobody.has_chat)),
                  (std::tuple(std::optional<std::int64_t>(), 0, false)));
        co_await db.query("insert into people (id, language) values (11, 'ru')");
        co_await db.query("insert into identities (kind, id, person) values ('github', 'Ann', 11)");
        co_await db.query("insert into budgets (kind, name, waiting, set_by) values ('person', '11', 2, 'terminal')");
        pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(queue::testing::some_order());
        co_await db.transact({came_from_forge({.task = id, .remote = "r", .number = 3, .author = "Ann", .person = 11}),
                              also_in_chat(id, 11, "ru")});
        auto ann = co_await author_at_forge(db, "github", "ann");
        EXPECT_EQ((std::tuple(ann.person, ann.waiting, ann.most_waiting, ann.has_chat, ann.language)),
                  (std::tuple(std::optional<std::int64_t>(11), 1, std::optional(2), true, "ru")));
        auto r = co_await db.query("select task_person($1)", {id.str()});
        EXPECT_EQ(r.text(0, 0), "11") << "it is their money";
        auto stranger = co_await all.add(queue::testing::some_order());
        co_await db.transact({came_from_forge({.task = stranger, .remote = "r", .number = 3, .author = "bob"})});
        EXPECT_TRUE((co_await db.query("select task_person($1)", {stranger.str()})).null(0, 0))
            << "nobody else's money";
    });
}
