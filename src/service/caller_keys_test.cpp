// Requests that come once more, at the same moment or after a crash: what other processes do between our read and our
// write.
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/caller_tasks.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using reason = refusal::reason;

namespace {

/// Another process does something right before our next transactions, each once.
class raced_pool final : public store::pool {
public:
    using pool::pool;
    awaitable<std::vector<store::rows>> transact(std::vector<store::statement> all) override {
        if (auto change = std::exchange(before, {})) co_await change();
        if (!after) co_return co_await pool::transact(std::move(all));
        auto change = std::exchange(after, {});
        std::exception_ptr failed;
        std::vector<store::rows> made;
        try {
            made = co_await pool::transact(std::move(all));
        } catch (...) {
            failed = std::current_exception();
        }
        co_await change();
        if (failed) std::rethrow_exception(failed);
        co_return made;
    }
    std::function<awaitable<void>()> before, after;
};

struct process {
    process(store::pool& db, const config::settings& settings, int& woken)
        : queue(db, "me", 10s), rules(settings, queue, time), none(db, settings, tokens, {}),
          calls(db, rules, queue, none, time, [&woken] { ++woken; }) {}
    system_clock time;
    queue::pg_tasks queue;
    tasks rules;
    remote_tokens tokens;
    known_repositories none;
    caller_tasks calls;
};

struct two_processes {
    raced_pool& db;
    store::pool& other_db;
    caller_tasks& ours;
    caller_tasks& theirs;
    queue::pg_tasks& queue;
    int& woken;

    awaitable<std::int64_t> count(std::string of) {
        auto r = co_await other_db.query("select count(*) from " + of);
        co_return r.number(0, 0);
    }
};

config::settings settings_of_tests() {
    config::settings s;
    s.git_remote_url = "https://github.com/you/shop";
    s.aider_model = "m";
    s.task_attempts = 3;
    s.budget_task_usd = 2;
    s.budget_day_usd = 10;
    s.telegram_admin_ids = {5};
    s.allowed_user_ids = {7};
    return s;
}

template <class F>
void with(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        raced_pool db(executor, {.url = secret(url), .size = 1});
        store::pool other(executor, {.url = secret(url), .size = 1});
        co_await store::migrate(other);
        auto settings = settings_of_tests();
        int woken = 0;
        process we(db, settings, woken), they(other, settings, woken);
        co_await work(two_processes{db, other, we.calls, they.calls, we.queue, woken});
        db.close();
        other.close();
    }(database.url(), std::move(body)));
}

caller member() {
    return {.token = 1, .person = 7, .scopes = {}, .known = {}};
}

caller_tasks::wish wish(std::string instruction = "Mend the sum.") {
    return {.instruction = std::move(instruction)};
}

request_key key(char digest = 'a') {
    return {"k", std::string(64, digest)};
}

template <class T>
std::optional<reason> why(const answer<T>& a) {
    return a ? std::nullopt : std::optional(a.error().why);
}

} // namespace

TEST(caller_keys, of_one_request_in_two_processes_at_once_make_one_task) {
    with([](two_processes on) -> awaitable<void> {
        task_id first;
        on.db.before = [&]() -> awaitable<void> {
            auto made = co_await on.theirs.submit(member(), wish(), key());
            EXPECT_TRUE(made && !made->again);
            if (made) first = made->id;
        };
        auto made = co_await on.ours.submit(member(), wish(), key());
        EXPECT_TRUE(made && made->again && made->id == first);
        EXPECT_EQ(co_await on.count("tasks"), 1);
        EXPECT_EQ(co_await on.count("api_tasks"), 1);
        EXPECT_EQ(on.woken, 1) << "by the one that made it";
    });
}

TEST(caller_keys, of_two_requests_at_once_are_the_firsts) {
    with([](two_processes on) -> awaitable<void> {
        on.db.before = [&]() -> awaitable<void> {
            EXPECT_TRUE(co_await on.theirs.submit(member(), wish("Another."), key('b')));
        };
        EXPECT_EQ(why(co_await on.ours.submit(member(), wish(), key())), reason::key_used);
        EXPECT_EQ(co_await on.count("tasks where instruction = 'Mend the sum.'"), 0);
    });
}

TEST(caller_keys, of_a_task_that_goes_at_the_same_moment_never_name_a_task_that_is_not_there) {
    with([](two_processes on) -> awaitable<void> {
        on.db.before = [&]() -> awaitable<void> { EXPECT_TRUE(co_await on.theirs.submit(member(), wish(), key())); };
        on.db.after = [&]() -> awaitable<void> { co_await on.other_db.query("delete from tasks"); };
        auto made = co_await on.ours.submit(member(), wish(), key());
        EXPECT_TRUE(made);
        if (made) EXPECT_TRUE(co_await on.queue.load(made->id)) << made->id.value;
        EXPECT_EQ(co_await on.count("tasks"), 1);
    });
}

TEST(caller_keys, are_answered_by_a_process_that_was_not_there_when_the_first_one_died) {
    with([](two_processes on) -> awaitable<void> {
        on.db.after = []() -> awaitable<void> {
            throw store::db_error("08007", "the connection was lost"); // what was written is not known
            co_return;
        };
        std::string lost;
        try {
            (void)co_await on.ours.submit(member(), wish(), key());
        } catch (const store::db_error& e) {
            lost = e.sqlstate;
        }
        EXPECT_EQ(lost, "08007");
        EXPECT_EQ(on.woken, 0);
        auto made = co_await on.theirs.submit(member(), wish(), key());
        EXPECT_TRUE(made && made->again);
        EXPECT_EQ(co_await on.count("tasks"), 1);
    });
}

TEST(caller_keys, of_a_task_that_is_gone_have_it_done_anew) {
    with([](two_processes on) -> awaitable<void> {
        auto made = co_await on.ours.submit(member(), wish(), key());
        co_await on.other_db.query("delete from tasks");
        auto anew = co_await on.ours.submit(member(), wish("Something else."), key('b'));
        EXPECT_TRUE(made && anew && !anew->again && anew->id != made->id);
    });
}

TEST(caller_keys, of_what_was_refused_are_free) {
    with([](two_processes on) -> awaitable<void> {
        EXPECT_EQ(why(co_await on.ours.submit(member(), wish("  "), key())), reason::empty);
        auto made = co_await on.ours.submit(member(), wish(), key('b'));
        EXPECT_TRUE(made && !made->again) << "nothing was done under it";
    });
}

TEST(caller_keys, say_what_was_done_also_to_who_may_not_do_it_any_more) {
    with([](two_processes on) -> awaitable<void> {
        auto made = co_await on.ours.submit(member(), wish(), key());
        co_await on.other_db.query("insert into budgets (kind, name, waiting, set_by) values ('person', '7', 1, '5')");
        EXPECT_EQ(why(co_await on.ours.submit(member(), wish(), {})), reason::too_many);
        auto again = co_await on.ours.submit(member(), wish(), key());
        EXPECT_TRUE(made && again && again->again && again->id == made->id) << "nothing more would wait";
    });
}

TEST(caller_keys, of_one_reply_in_two_processes_at_once_make_one_turn) {
    with([](two_processes on) -> awaitable<void> {
        auto made = co_await on.ours.submit(member(), wish(), {});
        on.db.before = [&]() -> awaitable<void> {
            auto said = co_await on.theirs.reply(member(), made->id, "Go on.", key());
            EXPECT_TRUE(said && said->turn == 1 && !said->again);
        };
        auto said = co_await on.ours.reply(member(), made->id, "Go on.", key());
        EXPECT_TRUE(said && said->turn == 1 && said->again);
        EXPECT_EQ(co_await on.count("task_turns"), 1);
    });
}

TEST(caller_keys, leave_two_replies_at_once_their_own_turns) {
    with([](two_processes on) -> awaitable<void> {
        auto made = co_await on.ours.submit(member(), wish(), {});
        on.db.before = [&]() -> awaitable<void> {
            EXPECT_TRUE(co_await on.theirs.reply(member(), made->id, "First.", {}));
        };
        auto said = co_await on.ours.reply(member(), made->id, "Second.", key());
        EXPECT_TRUE(said && said->turn == 2 && !said->again);
        on.db.before = [&]() -> awaitable<void> {
            EXPECT_TRUE(co_await on.theirs.reply(member(), made->id, "Other.", request_key{"x", std::string(64, 'b')}));
        };
        EXPECT_EQ(why(co_await on.ours.reply(member(), made->id, "Third.", request_key{"x", std::string(64, 'c')})),
                  reason::key_used);
        EXPECT_EQ(co_await on.count("task_turns"), 3);
    });
}

TEST(caller_keys, of_a_retry_make_one_new_task) {
    with([](two_processes on) -> awaitable<void> {
        auto made = co_await on.ours.submit(member(), wish(), {});
        EXPECT_EQ(why(co_await on.ours.retry(member(), made->id, key())), reason::under_way);
        auto was = co_await on.queue.load(made->id);
        EXPECT_TRUE(co_await on.queue.save(*was, queue::testing::in_state(was->task, mechanic::aborted{}), false));
        task_id first;
        on.db.before = [&]() -> awaitable<void> {
            auto tried = co_await on.theirs.retry(member(), made->id, key());
            EXPECT_TRUE(tried && !tried->again);
            if (tried) first = tried->id;
        };
        auto tried = co_await on.ours.retry(member(), made->id, key());
        EXPECT_TRUE(tried && tried->again && tried->id == first);
        EXPECT_EQ(co_await on.count("tasks"), 2);
        EXPECT_EQ(co_await on.count("api_tasks where person = 7"), 2) << "and is as much theirs as the first one";
        co_await on.other_db.query("insert into budgets (kind, name, waiting, set_by) values ('person', '7', 1, '5')");
        EXPECT_EQ(why(co_await on.ours.retry(member(), made->id, {})), reason::too_many)
            << "or whoever may let one wait lets any number wait";
    });
}
