#include "pgserver/testing.hpp"
#include "queue/people.hpp"
#include "queue/pg_tasks.hpp"
#include "service/caller_tasks.hpp"
#include "service/people.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using reason = refusal::reason;

namespace {

struct calls : ::testing::Test {
    pgserver::testing::scratch_database database;
    config::settings settings;
    int woken = 0;

    calls() {
        settings.git_remote_url = "https://github.com/you/shop";
        settings.aider_model = "m";
        settings.task_attempts = 3;
        settings.budget_task_usd = 2;
        settings.budget_day_usd = 10;
        settings.telegram_admin_ids = {5};
        settings.allowed_user_ids = {7};
    }

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, calls& all, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await store::migrate(db);
            queue::pg_tasks queue(db, "me", 10s);
            system_clock time;
            tasks rules(all.settings, queue, time);
            remote_tokens tokens;
            known_repositories none(db, all.settings, tokens, {});
            caller_tasks tried(db, rules, queue, none, time, [&all] { ++all.woken; });
            co_await work(db, tried);
            db.close();
        }(database.url(), *this, std::move(body)));
    }

    static caller person(std::int64_t id) { return {.token = id, .person = id}; }
};

caller_tasks::wish wish(std::string instruction = "Mend the sum.") {
    return {.instruction = std::move(instruction)};
}

template <class T>
std::optional<reason> why(const answer<T>& a) {
    return a ? std::nullopt : std::optional(a.error().why);
}

} // namespace

TEST_F(calls, a_request_with_a_key_is_done_once_and_one_that_says_something_else_is_refused) {
    with([this](store::pool& db, caller_tasks& tried) -> awaitable<void> {
        request_key key{"k", std::string(64, 'a')};
        auto first = co_await tried.submit(person(7), wish(), key);
        auto again = co_await tried.submit(person(7), wish(), key);
        EXPECT_TRUE(first && again && again->again && !first->again && first->id == again->id);
        auto other = co_await tried.submit(person(7), wish("Another."), request_key{"k", std::string(64, 'b')});
        EXPECT_EQ(why(other), reason::key_used);
        auto theirs = co_await tried.submit(person(5), wish(), key);
        EXPECT_TRUE(theirs && theirs->id != first->id) << "keys are each person's own";
        EXPECT_EQ(woken, 2);
        auto r = co_await db.query("select task_person(id), (select person from api_tasks where task_id = id) from "
                                   "tasks where id = $1",
                                   {first->id.str()});
        EXPECT_EQ(r.text(0, 0), "7") << "whose money it is";
        auto reply = co_await tried.reply(person(7), first->id, "Go on.", request_key{"r", std::string(64, 'c')});
        auto same = co_await tried.reply(person(7), first->id, "Go on.", request_key{"r", std::string(64, 'c')});
        EXPECT_TRUE(reply && same && same->again && reply->turn == 1 && same->turn == 1);
    });
}

TEST_F(calls, a_member_sees_and_ends_their_own_tasks_only) {
    with([](store::pool& db, caller_tasks& tried) -> awaitable<void> {
        auto mine = co_await tried.submit(person(7), wish(), {});
        auto theirs = co_await tried.submit(person(5), wish(), {});
        caller terminal{.token = 1};
        auto here = co_await tried.submit(terminal, wish(), {});
        EXPECT_TRUE(mine && theirs && here);
        EXPECT_EQ(why(co_await tried.look(person(7), theirs->id)), reason::not_yours);
        EXPECT_EQ(why(co_await tried.look(person(7), {999})), reason::no_task);
        EXPECT_EQ(why(co_await tried.abort(person(7), theirs->id, "")), reason::not_yours);
        EXPECT_EQ(why(co_await tried.reply(person(7), here->id, "Go on.", {})), reason::not_yours);
        EXPECT_EQ((co_await tried.list(person(7), {.most = 10})).tasks.size(), 1U);
        EXPECT_EQ((co_await tried.list(person(5), {.most = 10})).tasks.size(), 3U);
        auto page = co_await tried.list(terminal, {.most = 2});
        EXPECT_TRUE(page.tasks.size() == 2 && page.before);
        auto rest = co_await tried.list(terminal, {.before = page.before, .most = 2});
        EXPECT_TRUE(rest.tasks.size() == 1 && !rest.before && rest.tasks[0].id == mine->id);
        EXPECT_TRUE(co_await tried.abort(person(7), mine->id, ""));
        co_await db.transact({queue::set_role(8, "you/shop", "reader", "5", {5})});
        auto reader = person(8);
        reader.known = co_await load_known_people(db);
        EXPECT_TRUE(co_await tried.look(reader, theirs->id)) << "whoever was given a role there";
        EXPECT_EQ(why(co_await tried.submit(reader, wish(), {})), reason::readers_only);
        EXPECT_EQ(why(co_await tried.raise_budget(person(7), mine->id, 3)), reason::admins_only);
        EXPECT_EQ(why(co_await tried.discard(reader, theirs->id, false, "")), reason::not_yours);
    });
}

TEST_F(calls, whoever_is_no_admin_chooses_neither_checks_nor_money_nor_other_places) {
    with([](store::pool&, caller_tasks& tried) -> awaitable<void> {
        auto with_check = wish();
        with_check.check = "true";
        EXPECT_EQ(why(co_await tried.submit(person(7), with_check, {})), reason::admins_only);
        EXPECT_TRUE(co_await tried.submit(person(5), with_check, {}));
        auto dear = wish();
        dear.budget_usd = 5;
        EXPECT_EQ(why(co_await tried.submit(person(7), dear, {})), reason::admins_only);
        dear.budget_usd = 50;
        EXPECT_EQ(why(co_await tried.submit(person(5), dear, {})), reason::over_day);
        dear.budget_usd = 1;
        EXPECT_TRUE(co_await tried.submit(person(7), dear, {}));
        auto elsewhere = wish();
        elsewhere.repository = "https://github.com/you/other";
        EXPECT_EQ(why(co_await tried.submit(person(7), elsewhere, {})), reason::unknown_repository);
        auto other = wish();
        other.model = "dear/model";
        EXPECT_EQ(why(co_await tried.submit(person(7), other, {})), reason::model_not_allowed);
        EXPECT_EQ(why(co_await tried.submit(person(9), wish(), {})), reason::not_yours) << "a stranger";
    });
}
