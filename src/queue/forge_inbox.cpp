#include "queue/forge_inbox.hpp"

#include "queue/limits.hpp"
#include "queue/queries.hpp"
#include "queue/tasks.hpp"

#include <boost/json.hpp>

namespace persais::queue {

namespace json = boost::json;
using store::param;
using store::statement;

awaitable<int> keep_heard(store::pool& db, std::vector<heard> all, std::string remote, std::string looked) {
    json::array rows;
    for (const auto& each : all)
        rows.push_back({{"remote", each.remote},
                        {"kind", each.kind},
                        {"thing", each.thing},
                        {"number", each.number},
                        {"branch", each.branch},
                        {"said_at", each.said_at},
                        {"delivery", each.delivery.empty() ? json::value() : json::value(each.delivery)}});
    auto r = co_await db.query_first( // the forge waits for it
        queries::keep_heard, {json::serialize(rows), std::move(remote), looked.empty() ? param() : param(looked)});
    co_return static_cast<int>(r.number(0, 0));
}

awaitable<std::vector<heard>> claim_heard(store::pool& db, std::chrono::seconds hold) {
    auto r = co_await db.query(
        "with mine as (update forge_inbox set next_try = clock_timestamp() + make_interval(secs => $1) where id in "
        "(select id from forge_inbox where done_at is null and next_try <= clock_timestamp() order by said_at, id "
        "limit "
        "$2 for update skip locked) returning *) select id, remote, kind, thing, number, branch, tries from mine order "
        "by said_at, id",
        {std::to_string(hold.count()), std::to_string(limits::forge_heard_at_once)});
    std::vector<heard> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({.id = r.number(i, 0),
                       .remote = std::string(r.text(i, 1)),
                       .kind = std::string(r.text(i, 2)),
                       .thing = std::string(r.text(i, 3)),
                       .number = static_cast<int>(r.number(i, 4)),
                       .branch = std::string(r.text(i, 5)),
                       .said_at = {},
                       .delivery = {},
                       .tries = static_cast<int>(r.number(i, 6))});
    co_return all;
}

statement take_heard(std::int64_t id, const std::string& effect) {
    return {"select forge_take($1::bigint, $2)", {std::to_string(id), effect}};
}

awaitable<void> put_off_heard(store::pool& db, std::int64_t id, std::chrono::seconds pause) {
    co_await db.query("update forge_inbox set tries = tries + 1, next_try = clock_timestamp() + make_interval(secs => "
                      "$2) where id = $1::bigint and done_at is null",
                      {std::to_string(id), std::to_string(pause.count())});
}

awaitable<std::optional<std::string>> looked_until(store::pool& db, std::string remote) {
    auto r = co_await db.query("select to_char(since at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from "
                               "forge_polls where remote = $1",
                               {std::move(remote)});
    if (r.empty()) co_return std::nullopt;
    co_return std::string(r.text(0, 0));
}

statement came_from_forge(const forge_turn& what) {
    return {"insert into forge_turns (task_id, turn, remote, number, author, person) values ($1::bigint, $2::int, $3, "
            "$4::int, $5, $6::bigint)",
            {what.task.str(), std::to_string(what.turn), what.remote, std::to_string(what.number), what.author,
             store::opt(what.person)}};
}

awaitable<forge_author> author_at_forge(store::pool& db, std::string kind, std::string name) {
    auto r = co_await db.query(queries::forge_author, {std::move(kind), std::move(name)});
    forge_author all{.person = r.null(0, 0) ? std::nullopt : std::optional(r.number(0, 0)),
                     .waiting = static_cast<int>(r.number(0, 1)),
                     .most_waiting = {},
                     .has_chat = r.boolean(0, 3),
                     .language = std::string(r.text(0, 4))};
    if (!r.null(0, 2)) all.most_waiting = static_cast<int>(r.number(0, 2));
    co_return all;
}

awaitable<int> kept_replies(store::pool& db, task_id id) {
    auto r = co_await db.query("select count(*) from task_turns where task_id = $1 and state = 'kept'", {id.str()});
    co_return static_cast<int>(r.number(0, 0));
}

awaitable<int> mended_in_a_row(store::pool& db, task_id id) {
    auto r = co_await db.query("select count(*) from forge_turns f where task_id = $1 and author = '' and turn > 0 and "
                               "not exists (select from "
                               "task_turns t left join forge_turns o using (task_id, turn) where t.task_id = f.task_id "
                               "and t.turn > f.turn and "
                               "t.state <> 'dropped' and coalesce(o.author, 'a person') <> '')",
                               {id.str()});
    co_return static_cast<int>(r.number(0, 0));
}

statement also_in_chat(task_id id, std::int64_t person, const std::string& language) {
    // The message of its first turn is not sent yet; it answers none of theirs.
    return {"with home as (insert into task_chats (task_id, chat_id, topic_id, person_id, message_id, language) values "
            "($1::bigint, $2::bigint, 0, $2::bigint, 0, $3)) insert into task_messages (task_id, turn, chat_id, "
            "topic_id, reply_to) values ($1::bigint, 0, $2::bigint, 0, 0)",
            {id.str(), std::to_string(person), language}};
}

statement say_at_forge(const forge_note& what) {
    return {
        "insert into forge_outbox (task_id, remote, number, mark, body) values ($1::bigint, $2, $3::int, $4, $5) on "
        "conflict (mark) do nothing",
        {what.task ? param(what.task->str()) : param(), what.remote, std::to_string(what.number), what.mark,
         what.body}};
}

awaitable<std::vector<forge_note>> claim_notes(store::pool& db, std::chrono::seconds hold) {
    auto r = co_await db.query(
        "with mine as (update forge_outbox set next_try = clock_timestamp() + make_interval(secs => $1) where id in "
        "(select id from forge_outbox where next_try <= clock_timestamp() order by id limit $2 for update skip locked) "
        "returning *) select id, task_id, remote, number, mark, body, tries from mine order by id",
        {std::to_string(hold.count()), std::to_string(limits::forge_notes_at_once)});
    std::vector<forge_note> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({.id = r.number(i, 0),
                       .task = r.null(i, 1) ? std::nullopt : std::optional(task_id{r.number(i, 1)}),
                       .remote = std::string(r.text(i, 2)),
                       .number = static_cast<int>(r.number(i, 3)),
                       .mark = std::string(r.text(i, 4)),
                       .body = std::string(r.text(i, 5)),
                       .tries = static_cast<int>(r.number(i, 6))});
    co_return all;
}

awaitable<void> end_note(store::pool& db, std::int64_t id) {
    co_await db.query("delete from forge_outbox where id = $1::bigint", {std::to_string(id)});
}

awaitable<void> put_off_note(store::pool& db, std::int64_t id, std::chrono::seconds pause) {
    co_await db.query("update forge_outbox set tries = tries + 1, next_try = clock_timestamp() + make_interval(secs => "
                      "$2) where id = $1::bigint",
                      {std::to_string(id), std::to_string(pause.count())});
}

awaitable<std::optional<std::chrono::milliseconds>> next_at_forge(store::pool& db) {
    auto r = co_await db.query(
        "select ceil(greatest(0, extract(epoch from min(due) - clock_timestamp())) * 1000)::bigint from (select "
        "min(next_try) as due from forge_inbox where done_at is null union all select min(next_try) from forge_outbox) "
        "d "
        "having min(due) is not null");
    if (r.empty()) co_return std::nullopt;
    co_return std::chrono::milliseconds(r.number(0, 0));
}

} // namespace persais::queue
