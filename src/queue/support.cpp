#include "queue/support.hpp"

#include "queue/limits.hpp"

#include <fmt/format.h>

namespace persais::queue {

namespace {

constexpr std::string_view sizes =
    "select jsonb_build_object('table', relname, 'rows', n_live_tup, 'dead', n_dead_tup, 'bytes', "
    "pg_total_relation_size(relid), 'vacuumed', greatest(last_vacuum, last_autovacuum)) from pg_stat_user_tables order "
    "by "
    "relname";
constexpr std::string_view server =
    "select jsonb_build_object('version', version(), 'bytes', pg_database_size(current_database()), 'schema_steps', "
    "(select "
    "count(*) from persais_schema), 'connections', (select count(*) from pg_stat_activity where datname = "
    "current_database()), 'now', clock_timestamp())";
constexpr std::string_view tasks =
    "select jsonb_build_object('task', id, 'kind', kind, 'state', state, 'wait_reason', wait_reason, 'attempt', "
    "attempt, "
    "'attempts_most', attempts_most, 'round', round, 'rounds_most', rounds_most, 'fence', fence, 'held_until', "
    "lease_until, "
    "'not_before', not_before, 'wait_until', wait_until, 'created', created_at, 'changed', changed_at, "
    "'model', model, 'repository', left(md5(remote), 8)) from tasks order by id "
    "desc "
    "limit 200";
constexpr std::string_view tasks_with_words = "select to_jsonb(t) from tasks t order by id desc limit 200";
constexpr std::string_view events = "select jsonb_build_object('number', number, 'task', task_id, 'at', at, 'fence', "
                                    "fence, 'kind', kind, 'state', case when "
                                    "kind = 'state' then body ->> 'state' end, 'bytes', octet_length(body::text)) from "
                                    "task_events order by number desc "
                                    "limit 2000";
constexpr std::string_view events_with_words = "select to_jsonb(e) from task_events e order by number desc limit 2000";
constexpr std::string_view audit = "select jsonb_build_object('at', at, 'task', task_id, 'what', what, 'by', case when "
                                   "by ~ '^[0-9]+$' then 'a person' else "
                                   "by end) from audit order by id desc limit 200";
constexpr std::string_view waiting =
    "select jsonb_build_object('unsent', count(*) filter (where sent_at is null), 'failed', count(*) filter (where "
    "failed is "
    "not null), 'oldest_unsent', min(not_before) filter (where sent_at is null)) from outbox";
constexpr std::string_view backups = "select to_jsonb(b) - 'why' - 'good_name' from backup_state b";

} // namespace

std::vector<support_page> support_pages(bool words) {
    return {{"server.jsonl", server},
            {"tables.jsonl", sizes},
            {"outbox.jsonl", waiting},
            {"backups.jsonl", backups},
            {"tasks.jsonl", words ? tasks_with_words : tasks},
            {"events.jsonl", words ? events_with_words : events},
            {"audit.jsonl", audit}};
}

awaitable<std::vector<std::string>> read_support_page(store::pool& db, support_page which) {
    auto r = co_await db.query(std::string(which.sql));
    std::vector<std::string> all;
    for (int i = 0; i < r.size(); ++i)
        all.emplace_back(r.text(i, 0));
    co_return all;
}

awaitable<std::vector<std::string>> newest_words(store::pool& db) {
    auto r =
        co_await db.query("(select instruction from tasks order by id desc limit 1000) union (select instruction from "
                          "task_turns order by at desc limit 1000)");
    std::vector<std::string> all;
    for (int i = 0; i < r.size(); ++i)
        all.emplace_back(r.text(i, 0));
    co_return all;
}

} // namespace persais::queue
