#include "queue/restored.hpp"

#include "queue/limits.hpp"
#include "queue/queries.hpp"
#include "store/own_objects.hpp"

namespace persais::queue {

awaitable<void> clear_tables(store::pool& db) {
    auto own = store::own_objects();
    auto r = co_await db.query(queries::clear_tables, {store::array_of(own.tables), store::array_of(own.routines)});
    std::string all;
    for (int i = 0; i < r.size(); ++i)
        all += std::string(r.text(i, 0)) + ";\n";
    if (!all.empty()) co_await db.script(std::move(all));
}

awaitable<void> begin_restoring(store::pool& db, std::string aside) {
    co_await db.query("create table if not exists persais_restoring (aside text not null)");
    co_await db.query("insert into persais_restoring select $1 where not exists (select from persais_restoring)",
                      {std::move(aside)});
}

awaitable<std::optional<std::string>> begun_restoring(store::pool& db) { // the caller waits, and owns it
    auto there = co_await db.query("select to_regclass('persais_restoring') is not null");
    if (!there.boolean(0, 0)) co_return std::nullopt;
    auto r = co_await db.query("select aside from persais_restoring");
    co_return r.empty() ? std::string() : std::string(r.text(0, 0));
}

awaitable<void> end_restoring(store::pool& db) {
    co_await db.query("drop table if exists persais_restoring");
}

awaitable<void> take_over_restored(store::pool& db) {
    co_await db.transact(
        {{"update outbox set sent_at = clock_timestamp(), holder = null, failed = 'restored from a backup: whether it "
          "was "
          "sent is not known' where sent_at is null",
          {}},
         {"delete from invites", {}},
         {"delete from link_codes", {}},
         // Which tokens were revoked since the backup is not known.
         {"select api_token_revoke(id, 'restore') from api_tokens where revoked_at is null", {}},
         {"update inbox set done_at = clock_timestamp(), effect = 'ignored' where done_at is null", {}},
         {"update tasks set fence = fence + $1::bigint, lease_until = case when lease_until is not null then "
          "least(lease_until, clock_timestamp()) end where lease_until is not null or state in ('queued', 'waiting')",
          {std::to_string(limits::restored_fences)}},
         {"select setval(pg_get_serial_sequence('tasks', 'id'), "
          "((select last_value from tasks_id_seq) / $1::bigint + 1) * $1::bigint)",
          {std::to_string(limits::restored_numbers)}},
         // The first backup of a new home is tried, whatever the old one's had come to.
         {"update backup_state set holder = null, held_until = null, tried_at = null, tried_ms = null, "
          "good_xid = case when good_xid is null then null else 0 end",
          {}}});
}

awaitable<std::vector<task_id>> going_on(store::pool& db) {
    auto r = co_await db.query("select id from tasks where kind = 'change' and (lease_until is not null or state in "
                               "('queued', 'waiting')) and not facts ? 'lands' order by id");
    std::vector<task_id> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({r.number(i, 0)});
    co_return all;
}

awaitable<std::vector<task_id>> landings_to_stop(store::pool& db, std::string owner) {
    auto r = co_await db.query("with stopped as (update tasks set lease_owner = case when lease_until is not null then "
                               "$1 end where facts ? 'lands' and not facts -> 'lands' ? 'there' returning id) "
                               "select id from stopped order by id",
                               {std::move(owner)});
    std::vector<task_id> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({r.number(i, 0)});
    co_return all;
}

awaitable<void> park_restored(store::pool& db, task_id id, std::string sentence) {
    co_await db.query("update tasks set state = 'parked', sentence = $2, lease_owner = null, lease_until = null, "
                      "attempt = null, round = null, not_before = null, commit_id = null, wait_reason = null, "
                      "wait_until = null, give_up_at = null, changed_at = clock_timestamp() where id = $1",
                      {id.str(), std::move(sentence)});
}

awaitable<std::vector<active_chat>> active_chats(store::pool& db, int days) {
    auto r = co_await db.query(
        "select distinct on (c.chat_id, c.topic_id) c.chat_id, c.topic_id, c.language from task_chats c "
        "join tasks t on t.id = c.task_id where t.changed_at > now() - make_interval(days => $1::int) and not exists "
        "(select from conversations g where g.chat_id = c.chat_id and g.gone_at is not null) "
        "order by c.chat_id, c.topic_id, t.changed_at desc",
        {std::to_string(days)});
    std::vector<active_chat> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({r.number(i, 0), r.number(i, 1), std::string(r.text(i, 2))});
    co_return all;
}

} // namespace persais::queue
