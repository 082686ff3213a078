// What is asked of the tables again and again is found by an index, however many tasks there were.
#include "queue/limits.hpp"
#include "queue/listing.hpp"
#include "queue/overview.hpp"
#include "queue/retention.hpp"
#include "queue/testing_table.hpp"

#include <regex>

using namespace persais;
using namespace persais::mechanic;
using namespace persais::queue::testing;
using namespace std::chrono_literals;

namespace {

/// Notes how PostgreSQL carries each statement out.
class explaining_pool : public store::pool {
public:
    using pool::pool;
    awaitable<store::rows> query(std::string sql, std::vector<store::param> params = {}) override {
        co_await note(sql, params);
        co_return co_await pool::query(std::move(sql), std::move(params));
    }
    awaitable<std::vector<store::rows>> transact(std::vector<store::statement> all) override {
        for (const auto& each : all)
            co_await note(each.sql, each.params);
        co_return co_await pool::transact(std::move(all));
    }
    /// The plans since it was asked last, of which each line that reads a large table as a whole.
    std::string whole_tables() {
        static const std::regex whole("Seq Scan on (tasks|outbox|task_events|task_turns|llm_calls)\\b[^\n]*");
        std::string found;
        for (std::sregex_iterator at(plans_.begin(), plans_.end(), whole), end; at != end; ++at)
            found += at->str() + "\n";
        auto all = std::exchange(plans_, {});
        EXPECT_FALSE(all.empty());
        return found.empty() ? "" : found + "in\n" + all;
    }

    /// How many rows the plans since it was asked last read and left out; only while `measures`.
    std::int64_t read_for_nothing() {
        static const std::regex left_out("loops=([0-9]+)\\)|Rows Removed by Filter: ([0-9]+)");
        std::int64_t rows = 0, loops = 1;
        auto all = std::exchange(plans_, {});
        EXPECT_FALSE(all.empty());
        for (std::sregex_iterator at(all.begin(), all.end(), left_out), end; at != end; ++at) {
            if ((*at)[1].matched)
                loops = std::stoll(at->str(1));
            else
                rows += loops * std::stoll(at->str(2));
        }
        return rows;
    }
    bool measures = false; // carries out what it explains, so only for what changes nothing

private:
    awaitable<void> note(std::string sql, std::vector<store::param> params) {
        auto how = measures ? "explain (analyze, timing off, summary off) " : "explain ";
        auto plan = co_await pool::query(how + sql, std::move(params));
        for (int i = 0; i < plan.size(); ++i)
            plans_ += std::string(plan.text(i, 0)) + "\n";
    }
    std::string plans_;
};

constexpr int many = 10'000;

/// So many tasks that ended, with what was said of them, and a few that are under way, wait, or are in review.
awaitable<void> fill(store::pool& db) {
    co_await db.script(fmt::format(
        "insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, "
        "foreground, state, changed_at, created_at, verdict, reason, sentence, not_before, fence, attempt, "
        "lease_owner, lease_until) "
        "select 'change', 'r' || n % 50, 'mend it', 'a/b', 1, 3, 3, false, s, at, at, "
        "case when s = 'failed' then 'no_change' end, case when s = 'failed' then '' end, "
        "case when s = 'failed' then 'nothing' end, case when s = 'queued' then at end, 1, "
        "case when s = 'preparing' then 1 end, case when s = 'preparing' then 'me' end, "
        "case when s = 'preparing' then now() + interval '1 hour' end from (select n, now() - ({0} - n) * "
        "interval '1 minute' as at, case when n > {0} - 20 then 'queued' when n > {0} - 25 then 'preparing' "
        "when n % 2 = 0 then 'aborted' else 'failed' end as s from generate_series(1, {0}) n) made; "
        "insert into outbox (task_id, body, sent_at) select id, 'said', now() from tasks; "
        "insert into outbox (chat_id, body, request, sent_at) select 7, '', '{{}}', now() from "
        "generate_series(1, 1000); "
        "insert into task_events (task_id, fence, kind, body) select id, 1, 'log', '{{\"text\": \"x\"}}' "
        "from tasks, generate_series(1, 2); "
        "insert into task_turns (task_id, turn, instruction, state) select id, 1, 'more', 'begun' from "
        "tasks; "
        "insert into llm_tasks select id from tasks; "
        "insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced) "
        "select id, '2030-01-01', 'm', 'reserved', now(), 0.1, 1, true from tasks; "
        "analyze",
        many));
}

struct plans : ::testing::Test {
    pgserver::testing::scratch_database database;

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            explaining_pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            co_await fill(db);
            co_await work(db);
            db.close();
        }(database.url(), std::move(body)));
    }
};

} // namespace

TEST_F(plans, what_lists_and_a_shown_task_say_is_found_by_an_index) {
    with([](explaining_pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        for (const auto& filter : std::vector<queue::list_filter>{{},
                                                                  {.unsettled = true},
                                                                  {.state = "failed"},
                                                                  {.state = "preparing"},
                                                                  {.state = "queued"},
                                                                  {.ended_within = 24h},
                                                                  {.verdict = "no_change"}}) {
            EXPECT_FALSE((co_await queue::list(db, filter)).empty());
            EXPECT_EQ(db.whole_tables(), "");
        }
        auto last = co_await queue::newest(db);
        EXPECT_EQ(last, task_id{many});
        EXPECT_EQ(db.whole_tables(), "");
        EXPECT_FALSE(co_await queue::newest_deployed(db));
        EXPECT_EQ(db.whole_tables(), "");
        EXPECT_EQ((co_await queue::load_task_metadata(db, *last))->told, "said");
        EXPECT_EQ(db.whole_tables(), "");
        EXPECT_EQ((co_await queue::happenings(db, *last, 0)).size(), 2u);
        EXPECT_EQ(db.whole_tables(), "");
        EXPECT_TRUE(co_await all.load(*last));
        EXPECT_EQ((co_await all.turns_of(*last)).size(), 1u);
        EXPECT_EQ(db.whole_tables(), "");
    });
}

TEST_F(plans, a_list_reads_what_it_shows_however_rare_a_state_is) {
    with([](explaining_pool& db) -> awaitable<void> {
        db.measures = true;
        for (const auto& filter : std::vector<queue::list_filter>{{},
                                                                  {.unsettled = true},
                                                                  {.state = "parked"},
                                                                  {.state = "queued"},
                                                                  {.state = "failed"},
                                                                  {.ended_within = 1h}}) {
            co_await queue::list(db, filter);
            EXPECT_LE(db.read_for_nothing(), 200) << "of " << many << " tasks, " << filter.state.value_or("any");
        }
        co_await queue::newest_deployed(db);
        EXPECT_LE(db.read_for_nothing(), 200);
        co_await queue::load_task_metadata(db, {many});
        EXPECT_LE(db.read_for_nothing(), 200);
    });
}

TEST_F(plans, what_workers_ask_and_write_all_the_time_is_found_by_an_index) {
    with([](explaining_pool& db) -> awaitable<void> {
        queue::pg_tasks all(db, "me", 10s);
        EXPECT_EQ((co_await all.look({{many}, {many - 22}}, 4, true)).next.queued, 20);
        EXPECT_EQ(db.whole_tables(), "");
        auto held = co_await claim(all);
        EXPECT_TRUE(held);
        if (!held) co_return;
        auto next = held->task;
        next.now = aborted{};
        EXPECT_TRUE(co_await all.save(*held, next, false, {.outbox = {"over"}}));
        EXPECT_TRUE(co_await all.keep_reply(held->task.id, {.turn = 2, .instruction = "and then"}));
        co_await all.note({many - 22}, fence{1}, {{.what = queue::tasks::line::kind::log, .text = "a line"}});
        EXPECT_FALSE(co_await all.wish_abort(held->task.id));
        EXPECT_EQ(co_await all.wake({wait_reason::key}), 0);
        EXPECT_TRUE((co_await all.reviews_before(held->read_at)).empty());
        EXPECT_EQ(db.whole_tables(), "");
    });
}

TEST_F(plans, what_is_old_is_looked_for_by_an_index_and_nothing_else_is_read) {
    with([](explaining_pool& db) -> awaitable<void> {
        co_await queue::nothing_to_keep_of(db, {{1}, {2}, {many}}, 90);
        EXPECT_EQ(db.whole_tables(), "");
        co_await queue::prune(db, 90);
        auto whole = db.whole_tables();
        // The locks are compared with all tasks, once a day: that reads both.
        EXPECT_EQ(whole.find("Seq Scan on outbox"), whole.npos) << whole;
        EXPECT_EQ(whole.find("Seq Scan on task_events"), whole.npos) << whole;
        EXPECT_LE(std::ranges::count(whole.substr(0, whole.find("in\n")), '\n'), 1) << whole;
    });
}
