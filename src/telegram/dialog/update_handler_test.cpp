#include "service/limits.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/inbound/limits.hpp"

#include <sstream>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using namespace std::chrono_literals;

namespace {

struct handled_updates : telegram::testing::with_update_handler {};

/// What is logged while it exists.
struct logged {
    logged() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink)); }
    ~logged() { spdlog::set_default_logger(before); }
    logged(const logged&) = delete;
    std::ostringstream lines;
    std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
    std::shared_ptr<spdlog::sinks::sink> sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(lines);
};

awaitable<std::string> instructions(store::pool& db) { // `db` outlives it
    auto r = co_await db.query("select coalesce(string_agg(instruction, ' | ' order by id), '') from tasks");
    co_return std::string(r.text(0, 0));
}

} // namespace

TEST_F(handled_updates, a_message_is_a_task_with_all_that_belongs_to_it) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        EXPECT_EQ(co_await a.begin(), "");
        EXPECT_EQ(co_await hear(a, db, says(2, "mend the sum")), "task");
        auto r = co_await db.query(
            "select t.instruction, t.remote, t.model, t.state, tc.person_id, tc.message_id, tm.reply_to, mt.task_id = "
            "t.id, "
            "o.chat_id, o.request -> 'remember' ->> 'kind', o.task_id = t.id, p.name, "
            "t.not_before > now(), o.request -> 'body' ? 'chat_id' from tasks t join task_chats tc on tc.task_id = "
            "t.id "
            "join task_messages tm on tm.task_id = t.id join message_tasks mt on mt.message_id = tc.message_id "
            "join outbox o on o.chat_id = tc.chat_id join people p on p.id = tc.person_id");
        EXPECT_EQ(r.size(), 1);
        EXPECT_EQ(r.text(0, 0), "mend the sum");
        EXPECT_EQ(r.text(0, 1), "/srv/r.git");
        EXPECT_EQ(r.text(0, 2), "a/b");
        EXPECT_EQ(r.text(0, 3), "queued");
        EXPECT_EQ(r.number(0, 4), 2);
        EXPECT_EQ(r.number(0, 5), 501);
        EXPECT_EQ(r.number(0, 6), 501);
        EXPECT_TRUE(r.boolean(0, 7));
        EXPECT_EQ(r.number(0, 8), 2);
        EXPECT_EQ(r.text(0, 9), "progress");
        EXPECT_TRUE(r.boolean(0, 10));
        EXPECT_EQ(r.text(0, 11), "A");
        EXPECT_TRUE(r.boolean(0, 12)) << "another part may follow";
        EXPECT_FALSE(r.boolean(0, 13));
    });
}

TEST_F(handled_updates, messages_within_two_seconds_are_one_instruction) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        EXPECT_EQ(co_await hear(a, db, says(2, "one", 0ms)), "task");
        EXPECT_EQ(co_await hear(a, db, says(2, "two", 1900ms)), "joined");
        EXPECT_EQ(co_await hear(a, db, says(1, "of another person", 2000ms)), "task");
        EXPECT_EQ(co_await hear(a, db, says(2, "three", 3800ms)), "joined") << "of the part before it";
        EXPECT_EQ(co_await hear(a, db, says(2, "four", 5900ms)), "task");
        EXPECT_EQ(co_await instructions(db), "one\n\ntwo\n\nthree | of another person | four");
    });
}

TEST_F(handled_updates, an_older_message_that_comes_late_is_none_of_it) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        auto older = says(2, "the first", -30s);
        EXPECT_EQ(co_await hear(a, db, says(2, "the second")), "task");
        older.received = time.at + 500ms;
        EXPECT_EQ(co_await hear(a, db, older), "task");
    });
}

TEST_F(handled_updates, what_was_begun_gets_no_more_parts) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        co_await hear(a, db, says(2, "one"));
        auto late = says(2, "two", 500ms);
        auto decided = co_await a.decide(late);
        EXPECT_EQ(decided.name, "joined");
        co_await db.query("update tasks set fence = 1"); // a worker has claimed it before
        std::string state;
        try {
            co_await db.transact(decided.writes);
        } catch (const store::db_error& e) {
            state = e.sqlstate;
        }
        EXPECT_EQ(state, decide_again);
        EXPECT_EQ(co_await hear(a, db, late), "task");
        EXPECT_EQ(co_await instructions(db), "one | two");
    });
}

TEST_F(handled_updates, strangers_get_silence_and_are_counted) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        EXPECT_EQ(co_await hear(a, db, says(3, "hello")), "refused");
        EXPECT_EQ(co_await hear(a, db, says(3, "/start")), "refused");
        EXPECT_EQ(co_await hear(a, db, says(3, "/start code")), "refused");
        EXPECT_EQ(refused, 3);
        EXPECT_EQ(co_await count_of(db, "outbox"), 0);
        EXPECT_EQ(co_await count_of(db, "people"), 0);
    });
}

TEST_F(handled_updates, with_no_admin_the_first_who_says_the_code_becomes_one_for_good) {
    settings.telegram_admin_ids = settings.allowed_user_ids = {};
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        auto line = co_await a.begin();
        auto from = line.find("/start ");
        EXPECT_NE(from, line.npos);
        auto said = line.substr(from, line.find('`', from) - from);
        EXPECT_EQ(co_await hear(a, db, says(7, "/start wrong")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox"), 0);
        EXPECT_EQ(a.role_of(7), role::stranger);
        EXPECT_EQ(co_await hear(a, db, says(7, said)), "command");
        EXPECT_EQ(a.role_of(7), role::admin);
        EXPECT_EQ(co_await hear(a, db, says(8, said)), "refused");
        EXPECT_EQ(co_await hear(a, db, says(7, "mend the sum")), "task");

        update_handler after_restart(dependencies(db));
        EXPECT_EQ(co_await after_restart.begin(), "");
        EXPECT_EQ(after_restart.role_of(7), role::admin);
        EXPECT_EQ(after_restart.role_of(8), role::stranger);
    });
}

TEST_F(handled_updates, five_wrong_codes_close_the_door_for_who_guessed_only) {
    settings.telegram_admin_ids = settings.allowed_user_ids = {};
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        auto line = co_await a.begin();
        auto from = line.find("/start ");
        auto said = line.substr(from, line.find('`', from) - from);
        logged log;
        for (int i = 0; i < limits::pairing_tries; ++i)
            EXPECT_EQ(co_await hear(a, db, says(7, "/start wrong")), "refused");
        EXPECT_TRUE(log.lines.str().contains("pairing is closed for 7, who sent 5 wrong codes")) << log.lines.str();
        EXPECT_EQ(co_await hear(a, db, says(7, said)), "refused");
        EXPECT_EQ(a.turn_away(says(7, said).what), "refused");
        EXPECT_EQ(refused, limits::pairing_tries + 1);
        EXPECT_EQ(co_await hear(a, db, says(8, said)), "command");
        EXPECT_EQ(a.role_of(8), role::admin);
    });
}

TEST_F(handled_updates, before_the_first_admin_start_is_answered_once_in_a_chat_and_ten_times_an_hour) {
    settings.telegram_admin_ids = settings.allowed_user_ids = {};
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        auto line = co_await a.begin();
        auto from = line.find("/start ");
        auto said = line.substr(from, line.find('`', from) - from);
        time.at += limits::pairing_valid + 1s; // where the code is, is asked by who came too late for it
        EXPECT_EQ(co_await hear(a, db, says(7, "/start")), "answer");
        EXPECT_TRUE((co_await told(db)).starts_with("I do not have an admin yet. The code is in my log"))
            << co_await told(db);
        EXPECT_FALSE((co_await told(db)).contains(said.substr(7)));
        EXPECT_EQ(co_await hear(a, db, says(7, "/start")), "refused");
        EXPECT_EQ(co_await hear(a, db, says(8, "hello")), "refused");
        for (int i = 1; i < limits::pairing_hints; ++i)
            EXPECT_EQ(co_await hear(a, db, says(100 + i, "/start")), "answer");
        EXPECT_EQ(co_await hear(a, db, says(200, "/start")), "refused");
        EXPECT_EQ(co_await count_of(db, "outbox"), limits::pairing_hints);
        EXPECT_EQ(co_await count_of(db, "people"), 0);
        time.at += 1h;
        EXPECT_EQ(co_await hear(a, db, says(200, "/start")), "answer");
        settings.telegram_admin_ids = {1};
        EXPECT_EQ(co_await hear(a, db, says(201, "/start")), "refused") << "as any stranger";
    });
}

TEST_F(handled_updates, in_production_without_an_admin_nobody_may_say_anything) {
    settings.telegram_admin_ids = {};
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        EXPECT_EQ(a.role_of(2), role::user);
        settings.app_env = config::mode::production;
        EXPECT_EQ(a.role_of(2), role::stranger);
        co_return;
    });
}

TEST_F(handled_updates, strangers_are_turned_away_at_the_door_but_while_one_of_them_may_become_the_admin) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        EXPECT_EQ(a.turn_away_at_the_door(says(9, "hello").what)->effect, "refused");
        EXPECT_FALSE(a.turn_away_at_the_door(says(2, "mend the sum").what));
        settings.telegram_admin_ids = {};
        update_handler open(dependencies(db));
        co_await open.begin();
        EXPECT_FALSE(open.turn_away_at_the_door(says(9, "hello").what));
        EXPECT_EQ(open.turn_away(says(9, "hello").what), "refused");
        time.at += limits::pairing_valid + 1s;
        EXPECT_EQ(open.turn_away_at_the_door(says(9, "hello").what)->effect, "refused");
    });
}

TEST_F(handled_updates, the_move_of_a_group_is_no_part_of_a_flood) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        for (int i = 0; i < 2 * limits::person_burst; ++i)
            a.dismiss(says(2, "again"));
        EXPECT_EQ(a.dismiss(says(2, "again")), "refused");
        auto moves = says(2, "");
        std::get<message>(moves.what.what).migrated_to = -1009;
        EXPECT_EQ(a.dismiss(moves), std::nullopt);
    });
}

TEST_F(handled_updates, a_flood_is_told_once_and_others_are_heard) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        std::map<std::string, int> came;
        for (int i = 0; i < 100; ++i)
            ++came[co_await hear(a, db, says(2, "more"))];
        EXPECT_EQ(came["task"] + came["joined"], limits::person_burst);
        EXPECT_EQ(came["refused"], 100 - limits::person_burst);
        EXPECT_EQ(co_await count_of(db, "outbox where task_id is null"), 1);
        EXPECT_EQ(co_await hear(a, db, says(1, "my own")), "task");
    });
}

TEST_F(handled_updates, who_has_many_tasks_waiting_is_told_so) {
    with([this](store::pool& db) -> awaitable<void> {
        update_handler a(dependencies(db));
        co_await a.begin();
        for (int i = 0; i < limits::person_waiting; ++i) {
            time.at += 10s;
            EXPECT_EQ(co_await hear(a, db, says(2, "more")), "task");
        }
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(2, "more")), "refused");
        EXPECT_EQ(co_await count_of(db, "tasks"), limits::person_waiting);
        EXPECT_EQ(co_await hear(a, db, says(1, "my own")), "task");
    });
}
