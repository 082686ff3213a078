#include "telegram/store/outbox.hpp"

#include "telegram/store/queries.hpp"

#include <boost/json.hpp>

namespace persais::telegram {

using store::param;

awaitable<bool> anything_left(store::pool& db) {
    auto r = co_await db.query("select exists (select from outbox where sent_at is null) or "
                               "exists (select from inbox where done_at is null)");
    co_return r.boolean(0, 0);
}

awaitable<std::vector<waiting_chat>> chats_to_tell(store::pool& db, int most) {
    auto r = co_await db.query(
        "select o.chat_id, greatest(0, ceil(extract(epoch from o.not_before - clock_timestamp()) * 1000))::bigint "
        "from (select min(id) as id from outbox where sent_at is null and chat_id is not null group by chat_id) head "
        "join outbox o using (id) order by o.not_before nulls first, o.id limit $1::bigint",
        {std::to_string(most)});
    std::vector<waiting_chat> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({r.number(i, 0), std::chrono::milliseconds(r.null(i, 1) ? 0 : r.number(i, 1))});
    co_return all;
}

awaitable<std::optional<unsent>> take_outgoing(store::pool& db, std::int64_t chat, hold by) {
    auto r = co_await db.query(
        "update outbox set tries = tries + 1, not_before = clock_timestamp() + $2::bigint * interval '1 millisecond', "
        "holder = $3 where id = (select min(id) from outbox where chat_id = $1 and sent_at is null) and sent_at is "
        "null "
        "and (not_before is null or not_before <= clock_timestamp()) "
        "returning id, topic_id, task_id, case when request is null then body else '' end, request, tries, turn, "
        "exists (select from conversations c where c.chat_id = outbox.chat_id and c.gone_at is not null)",
        {std::to_string(chat), std::to_string(by.lasts.count()), by.holder});
    if (r.empty()) co_return std::nullopt;
    unsent o{.id = r.number(0, 0),
             .chat = chat,
             .topic = r.number(0, 1),
             .task = {},
             .turn = {},
             .body = std::string(r.text(0, 3)),
             .request = r.null(0, 4) ? std::string() : std::string(r.text(0, 4)),
             .tries = static_cast<int>(r.number(0, 5))};
    o.chat_gone = r.boolean(0, 7);
    if (!r.null(0, 2)) o.task = task_id{r.number(0, 2)};
    if (!r.null(0, 6)) o.turn = static_cast<int>(r.number(0, 6));
    co_return o;
}

awaitable<void> renew_hold(store::pool& db, std::int64_t id, hold by) {
    co_await db.query("update outbox set not_before = clock_timestamp() + $2::bigint * interval '1 millisecond' "
                      "where id = $1 and holder = $3 and sent_at is null",
                      {std::to_string(id), std::to_string(by.lasts.count()), by.holder});
}

awaitable<void> free_holds(store::pool& db, std::vector<std::string> holders) {
    if (holders.empty()) co_return;
    boost::json::array names(holders.begin(), holders.end());
    co_await db.query("update outbox set not_before = null, holder = null where sent_at is null and holder in "
                      "(select jsonb_array_elements_text($1::jsonb))",
                      {boost::json::serialize(names)});
}

awaitable<bool> told_later(store::pool& db, std::int64_t id) {
    auto r = co_await db.query(
        "select exists (select from outbox o join outbox n on n.task_id = o.task_id and n.turn is not distinct from "
        "o.turn "
        "and n.chat_id = o.chat_id where o.id = $1 and n.id > o.id and n.sent_at is null and n.request is null "
        // A landing is asked for only of what has ended: the later row tells of that landing, not of the end before it.
        // What goes back by itself ends nothing before it: the end is told when it is back.
        "and not exists (select from audit a where a.task_id = o.task_id and a.what in ('deploy_asked', "
        "'rollback_asked') and a.by <> 'health' "
        "and a.at between o.created_at and n.created_at))",
        {std::to_string(id)});
    co_return r.boolean(0, 0);
}

awaitable<void> settle_outgoing(store::pool& db, std::int64_t id, std::string failed,
                                std::vector<store::statement> also) {
    also.insert(also.begin(),
                {"update outbox set sent_at = clock_timestamp(), failed = $2 where id = $1 and sent_at is null",
                 {std::to_string(id), failed.empty() ? param() : param(failed)}});
    co_await db.transact(std::move(also));
}

awaitable<void> postpone_outgoing(store::pool& db, std::int64_t id, std::chrono::milliseconds pause, bool in_doubt) {
    co_await db.query("update outbox set not_before = clock_timestamp() + $2::bigint * interval '1 millisecond', "
                      "tries = greatest(0, tries - $3::int), holder = null where id = $1 and sent_at is null",
                      {std::to_string(id), std::to_string(pause.count()), in_doubt ? "0" : "1"});
}

awaitable<void> hurry_outgoing(store::pool& db) {
    co_await db.query("update outbox set not_before = null where sent_at is null and tries = 0");
}

awaitable<void> move_chat(store::pool& db, std::int64_t from, std::int64_t to) {
    if (from == to) co_return; // the last statement would delete what was chosen there
    std::vector<param> both{std::to_string(from), std::to_string(to)};
    co_await db.transact(
        {{"update outbox set chat_id = $2, not_before = null, tries = 0, request = request #- "
          "'{body,reply_parameters}' where chat_id = $1 and sent_at is null",
          both},
         {"update task_chats set chat_id = $2, message_id = 0 where chat_id = $1", both},
         {"update task_messages set chat_id = $2, message_id = null, reply_to = 0 where chat_id = $1", both},
         {"insert into conversations (chat_id, topic_id, repository, model, budget_usd) select $2, topic_id, "
          "repository, "
          "model, budget_usd from conversations where chat_id = $1 on conflict do nothing",
          both},
         {"update buttons set chat_id = $2 where chat_id = $1", both},
         {"delete from conversations where chat_id = $1", {both[0]}}});
}

awaitable<void> leave_topic(store::pool& db, std::int64_t chat, std::int64_t topic, std::string why,
                            std::optional<task_id> telling) {
    std::vector<param> from{std::to_string(chat), std::to_string(topic)};
    if (topic != 0) {
        co_await db.transact(
            {{"update outbox set topic_id = 0, not_before = null where chat_id = $1 and topic_id = $2 "
              "and sent_at is null",
              from},
             {"update task_messages set topic_id = 0, message_id = null where chat_id = $1 and topic_id = $2", from},
             {"update task_chats set topic_id = 0 where chat_id = $1 and topic_id = $2", from}});
        co_return;
    }
    co_await db.transact(
        {{std::string(queries::leave_general), {from[0], telling ? param(telling->str()) : param()}},
         {"update outbox set sent_at = clock_timestamp(), failed = $2 where chat_id = $1 and topic_id = 0 and sent_at "
          "is null",
          {from[0], why}}});
}

awaitable<int> close_chat(store::pool& db, std::int64_t chat, std::string why) {
    auto r = co_await db.transact(
        {{"update outbox set sent_at = clock_timestamp(), failed = $2 where chat_id = $1 and sent_at is null",
          {std::to_string(chat), why}},
         {"insert into conversations as c (chat_id, gone_at) values ($1, now()) on conflict (chat_id, topic_id) do "
          "update set gone_at = coalesce(c.gone_at, excluded.gone_at)",
          {std::to_string(chat)}}});
    co_return static_cast<int>(r.at(0).affected());
}

store::statement add_outgoing(std::int64_t chat, std::int64_t topic, std::string request, std::optional<task_id> task) {
    return {"insert into outbox (task_id, body, chat_id, topic_id, request) values ($1, '', $2, $3, $4::jsonb)",
            {task ? param(task->str()) : param(), std::to_string(chat), std::to_string(topic), std::move(request)}};
}

} // namespace persais::telegram
