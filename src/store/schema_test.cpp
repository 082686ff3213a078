#include "pgserver/raw_server.hpp"
#include "store/migrate.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include <fmt/format.h>

namespace persais::store {

using namespace pgserver::testing;

namespace {

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Removes what depends on the version of the dump program: comments, settings, psql's \restrict; keeps one empty line
/// in a row.
std::string normalised(const std::string& dump) {
    std::istringstream in(dump);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("--") || line.starts_with("\\") || line.starts_with("SET ") ||
            line.starts_with("SELECT pg_catalog.set_config"))
            continue;
        if (line.empty() && (out.empty() || out.ends_with("\n\n"))) continue;
        out += line + "\n";
    }
    while (out.ends_with("\n\n"))
        out.pop_back();
    return out;
}

std::string dump_of(const scratch_database& d) {
    temp_dir folder;
    auto pg_dump = scratch_server::shared().what().bin / "pg_dump";
    auto status = on_a_loop(pgserver::finish_program(
        {{pg_dump.native(), "--schema-only", "--no-owner", "--no-privileges", d.url()}, folder.path() / "dump", -1},
        std::chrono::seconds(60)));
    EXPECT_EQ(status, 0) << contents(folder.path() / "dump");
    return normalised(contents(folder.path() / "dump"));
}

/// With the columns of each table in the order of the alphabet.
std::string in_any_order(const std::string& dump) {
    std::string all;
    std::vector<std::string> columns;
    std::istringstream lines(dump);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("    ") && !line.starts_with("     ") && !line.starts_with("    CONSTRAINT")) {
            columns.push_back(line.ends_with(',') ? line : line + ',');
            continue;
        }
        std::ranges::sort(columns);
        for (const auto& each : columns)
            all += each + '\n';
        columns.clear();
        all += line + '\n';
    }
    return all;
}

/// The schema after all migrations.
std::string migrated(const scratch_database& d) {
    EXPECT_GT(on_a_loop([](std::string url) -> awaitable<int> {
                  pool db(co_await asio::this_coro::executor, {.url = secret(url)});
                  co_return co_await migrate(db);
              }(d.url())),
              0);
    return dump_of(d);
}

/// scripts/schema --write is this test with PERSAIS_WRITE_SCHEMA set.
TEST(schema, the_golden_file_is_what_the_migrations_make) {
    scratch_database d;
    auto made = migrated(d);
    std::filesystem::path golden = PERSAIS_SOURCE_DIR "/sql/schema.golden.sql";
    if (std::getenv("PERSAIS_WRITE_SCHEMA")) std::ofstream(golden) << made;
    EXPECT_EQ(made, contents(golden))
        << "the migrations and sql/schema.golden.sql differ; when that is meant: scripts/schema --write";
}

/// What a script results in, without leaving anything behind: empty, or the error.
awaitable<std::string> tried(pool& db, std::string sql) { // `db` belongs to the test
    try {
        co_await db.script(sql + ";\nselect 1 / 0"); // one transaction, which this statement rolls back
    } catch (const db_error& e) {
        co_return e.sqlstate == "22012" ? "" : e.sqlstate + " " + e.what();
    }
    co_return "nothing was refused";
}

constexpr auto a_task =
    "insert into tasks (id, kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, "
    "foreground, state, fence, not_before) values "
    "(1, 'change', 'r', 'x', 'm', 1, 3, 2, false, 'queued', 1, now());\n";

std::string working(std::string_view state, std::string_view columns) {
    return fmt::format("{}update tasks set state = '{}', not_before = null, lease_owner = 'x', lease_until = now(), {}",
                       a_task, state, columns);
}
std::string publishing(std::string_view facts) {
    return working("publishing", fmt::format("attempt = 1, commit_id = repeat('c', 40), facts = '{}'", facts));
}
std::string in_review(std::string_view facts) {
    return fmt::format("{}update tasks set state = 'review', not_before = null, verdict = 'ready', "
                       "commit_id = repeat('c', 40), facts = {}",
                       a_task, facts);
}
std::string outgoing(std::string_view columns, std::string_view values) {
    return fmt::format("{}insert into outbox ({}) values ({})", a_task, columns, values);
}
std::string a_button(std::string_view action, std::string_view once, std::string_view used) {
    return fmt::format(
        "insert into buttons (token, chat_id, action, once, used_at) values (repeat('t', 20), 1, '{}', {}, {})", action,
        once, used);
}

struct refusal {
    const char *table, *check;
    std::vector<std::string> fine, wrong;
};

std::vector<refusal> refusals() {
    constexpr auto made = "jsonb_build_object('made', jsonb_build_object('commit', repeat('{}', 40)))";
    return {
        {"tasks", "attempt_within_limit", {working("preparing", "attempt = 3")}, {working("preparing", "attempt = 4")}},
        {"tasks",
         "round_within_limit",
         {working("coding", "attempt = 1, round = 2")},
         {working("coding", "attempt = 1, round = 3")}},
        {"tasks",
         "publishing_is_decided",
         {publishing(R"({"decided": "ready"})"), publishing(R"({"decided": "tests_red"})")},
         {publishing("{}"), publishing(R"({"decided": null})"), publishing(R"({"decided": "no_change"})")}},
        {"tasks",
         "review_is_of_what_was_made",
         {in_review(fmt::format(fmt::runtime(made), "c"))},
         {in_review(fmt::format(fmt::runtime(made), "d")), in_review("'{}'")}},
        {"outbox",
         "failed_has_time",
         {outgoing("task_id, body, failed, sent_at", "1, 'x', 'gone', now()"),
          outgoing("task_id, body, sent_at", "1, 'x', now()")},
         {outgoing("task_id, body, failed", "1, 'x', 'gone'")}},
        {"outbox",
         "failed_says_why",
         {outgoing("task_id, body, failed, sent_at", "1, 'x', 'gone', now()")},
         {outgoing("task_id, body, failed, sent_at", "1, 'x', '', now()")}},
        {"outbox",
         "tries_not_negative",
         {outgoing("task_id, body, tries", "1, 'x', 0")},
         {outgoing("task_id, body, tries", "1, 'x', -1")}},
        {"outbox",
         "sentence_of_a_task_or_message",
         {outgoing("task_id, body", "1, 'x'"), outgoing("chat_id, body, request", "1, '', '{}'"),
          outgoing("chat_id, task_id, body, request", "1, 1, '', '{}'")},
         {outgoing("task_id, body", "1, ''"), outgoing("chat_id, body", "1, 'x'"), outgoing("chat_id, body", "1, ''"),
          outgoing("task_id, body, request", "1, 'x', '{}'")}},
        {"buttons",
         "action_known",
         {a_button("diff", "false", "null"), a_button("dialog", "false", "null")},
         {a_button("dance", "false", "null"), a_button("", "false", "null")}},
        {"buttons",
         "used_only_once",
         {a_button("abort", "true", "now()"), a_button("abort", "true", "null"), a_button("diff", "false", "null")},
         {a_button("diff", "false", "now()")}},
    };
}

/// Each refusal comes from the named constraint: without it the same statement passes.
TEST(schema, refuses_what_no_code_may_write) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        co_await migrate(db);
        for (const auto& r : refusals()) {
            for (const auto& sql : r.fine)
                EXPECT_EQ(co_await tried(db, sql), "") << r.check << ": " << sql;
            for (const auto& sql : r.wrong) {
                auto said = co_await tried(db, sql);
                EXPECT_TRUE(said.starts_with("23514 ") && said.find(fmt::format("\"{}\"", r.check)) != said.npos)
                    << r.check << ": " << said << "\n"
                    << sql;
                auto without = fmt::format("alter table {} drop constraint {};\n{}", r.table, r.check, sql);
                EXPECT_EQ(co_await tried(db, without), "") << r.check << ": " << sql;
            }
        }
    }(d.url()));
}

/// What an earlier version may have left, in a schema that still accepted it.
constexpr auto left_behind = R"(
insert into tasks (id, kind, remote, instruction, model, budget_usd, attempts_most, rounds_most, foreground, state, fence,
    not_before) select n, 'change', 'r', 'x', 'm', 1, 3, 2, false, 'queued', 1, now() from generate_series(1, 6) n;
update tasks set state = 'coding', not_before = null, lease_owner = 'x', lease_until = now(), attempt = 9, round = 7 where id = 1;
update tasks set state = 'publishing', not_before = null, lease_owner = 'x', lease_until = now(), attempt = 1,
    commit_id = repeat('c', 40) where id = 2;
update tasks set state = 'review', not_before = null, verdict = 'ready', commit_id = repeat('c', 40) where id in (3, 4, 5);
update tasks set facts = '{"made": {"commit": "d", "files": 2}, "turn": 1}' where id = 4;
update tasks set facts = '[7]' where id = 5;
insert into outbox (id, task_id, chat_id, body, request, failed, sent_at, tries) values
    (1, 6, 1, 'x', null, 'gone', null, 0), (2, 6, 1, 'x', null, '', now(), 0), (3, 6, 1, 'x', null, null, null, -2),
    (4, 6, 1, '', null, null, null, 0), (5, null, 1, 'x', null, null, null, 0), (6, null, 1, 'x', '{"method": "m"}', null, null, 0);
insert into buttons (token, chat_id, action, once, used_at) values
    (repeat('a', 20), 1, 'dance', false, null), (repeat('b', 20), 1, 'diff', false, now()), (repeat('c', 20), 1, 'abort', true, now());
insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced, settled_at, settled_by, outcome,
    cost_usd, tokens_sent, tokens_received) values
    (1, '2030-01-01', 'm', 'settled', now(), 1, 9, true, now(), 'cost', 'ok', 2, 1, 1),
    (1, '2030-01-01', 'm', 'settled', now(), 1, 9, true, now(), 'cost', 'ok', 1, 1, 1);
insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced) values
    (1, '2030-01-01', 'm', 'reserved', now(), 4, 9, true);
)";

TEST(schema, rows_that_are_refused_now_are_repaired_first) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        auto before = all_migrations();
        std::erase_if(before, [](const migration& m) { return m.number >= 9; });
        co_await apply(db, before);
        co_await db.script(left_behind);
        co_await migrate(db);
        auto text = [&](std::string sql) -> awaitable<std::string> {
            auto r = co_await db.query("select string_agg(format('%s', t), ' ') from (" + std::move(sql) + ") t");
            co_return std::string(r.text(0, 0));
        };
        EXPECT_EQ(
            co_await text("select id, state, attempt, round, commit_id is not null, facts #>> '{made,commit}' = "
                          "commit_id from tasks order by id"),
            "(1,coding,3,2,f,) (2,queued,,,f,) (3,review,,,t,t) (4,review,,,t,t) (5,review,,,t,t) (6,queued,,,f,)");
        EXPECT_EQ(co_await text("select facts ->> 'turn', facts #>> '{made,files}' from tasks where id = 4"), "(1,2)");
        EXPECT_EQ(co_await text("select id, body, failed, sent_at is null, tries from outbox order by id"),
                  "(1,x,gone,f,0) (2,x,refused,f,0) (3,x,,t,0) (4,queued,,t,0) (6,\"\",,t,0)");
        EXPECT_EQ(co_await text("select action, used_at is null from buttons order by token"), "(diff,t) (abort,f)");
        EXPECT_EQ(co_await text("select counted_usd, above_reservation from llm_calls order by id"), "(2.000000000,t) "
                                                                                                     "(1.000000000,f) "
                                                                                                     "(4.000000000,f)");
    }(d.url()));
}

TEST(schema, a_migration_is_harmless_a_second_time) {
    scratch_database d;
    auto once = migrated(d);
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = secret(url)});
        for (const auto& m : all_migrations())
            if (m.number >= 3) co_await db.script(m.sql); // the first two create the tables
    }(d.url()));
    // Migration 9 makes two columns anew, which puts them behind those that came later.
    EXPECT_EQ(in_any_order(dump_of(d)), in_any_order(once));
}

} // namespace

} // namespace persais::store
