#include "telegram/store/task_messages.hpp"

#include "mechanic/task.hpp"
#include "queue/codec.hpp"

#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::telegram {

namespace {

// A task's facts hold the turn that it is at. Replies that wait have messages of later turns.
constexpr auto of_messages =
    "select m.turn, m.chat_id, m.topic_id, m.message_id, nullif(m.reply_to, 0), ended, language, exists (select from "
    "outbox o "
    "where o.task_id = m.task_id and sent_at is null and request #>> '{remember,kind}' = 'progress' "
    "and (request #>> '{remember,turn}')::int = m.turn), coalesce((t.facts ->> 'turn')::int, 0), t.state, "
    "m.chat_id in (select chat_id from conversations where gone_at is not null) from task_messages m join task_chats c "
    "using (task_id) join tasks t on t.id = task_id where task_id = $1 ";
// The turn of `message` was begun (save_task.sql asks the same). A reply that was taken back never is, and its message
// goes on telling that, whatever the task's turn is now.
std::string begun(std::string_view message) {
    return fmt::format(
        "and {0}.turn <= coalesce((t.facts ->> 'turn')::int, 0) and not exists (select from task_turns k "
        "where k.task_id = {0}.task_id and k.turn = {0}.turn and k.state = 'dropped') ",
        message);
}

task_message read_message(const store::rows& r, int row, task_id task) {
    task_message m{.task = task,
                   .turn = static_cast<int>(r.number(row, 0)),
                   .chat = r.number(row, 1),
                   .topic = r.number(row, 2),
                   .message = {},
                   .sending = r.boolean(row, 7),
                   .reply_to = r.null(row, 4) ? std::nullopt : std::optional(r.number(row, 4)),
                   .chat_gone = r.boolean(row, 10),
                   .ended = r.boolean(row, 5),
                   .language = std::string(r.text(row, 6)),
                   .at = static_cast<int>(r.number(row, 8)),
                   .state = std::string(r.text(row, 9)),
                   .settled = false};
    if (auto now = mechanic::state_from(m.state)) m.settled = mechanic::is_settled(*now);
    if (!r.null(row, 3)) m.message = r.number(row, 3);
    return m;
}

} // namespace

awaitable<std::optional<task_message>> message_of(store::pool& db, task_id task) {
    auto r = co_await db.query(std::string(of_messages) + begun("m") + "order by m.turn desc limit 1", {task.str()});
    if (r.empty()) co_return std::nullopt;
    co_return read_message(r, 0, task);
}

awaitable<std::optional<task_message>> message_of_turn(store::pool& db, task_id task, int turn) {
    auto r =
        co_await db.query(std::string(of_messages) + begun("m") + "and m.turn <= $2::int order by m.turn desc limit 1",
                          {task.str(), std::to_string(turn)});
    if (r.empty()) co_return std::nullopt;
    co_return read_message(r, 0, task);
}

awaitable<std::optional<task_message>> message_of_withdrawn(store::pool& db, task_id task, int turn) {
    auto r = co_await db.query(std::string(of_messages) +
                                   "and m.turn = $2::int and exists (select from task_turns k where k.task_id = "
                                   "m.task_id and k.turn = m.turn and k.state = 'dropped')",
                               {task.str(), std::to_string(turn)});
    if (r.empty()) co_return std::nullopt;
    co_return read_message(r, 0, task);
}

awaitable<std::vector<task_message>> overtaken(store::pool& db, task_id task) {
    auto r = co_await db.query(std::string(of_messages) + begun("m") +
                                   "and not m.ended and exists (select from task_messages n "
                                   "where n.task_id = m.task_id and n.turn > m.turn " +
                                   begun("n") + ") order by m.turn",
                               {task.str()});
    std::vector<task_message> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_message(r, i, task));
    co_return all;
}

awaitable<std::optional<mechanic::task>> came_to(store::pool& db, task_id task, int turn) {
    auto r = co_await db.query(fmt::format("select {} from (select (jsonb_populate_record(null::tasks, came_to)).* "
                                           "from task_messages where task_id = $1 and turn = $2::int "
                                           "and came_to is not null) tasks",
                                           queue::columns()),
                               {task.str(), std::to_string(turn)});
    if (r.empty()) co_return std::nullopt;
    co_return queue::read(r, 0);
}

awaitable<std::vector<task_id>> open_messages(store::pool& db, int most) {
    auto r = co_await db.query(
        "select distinct task_id from task_messages where not ended order by task_id desc limit $1::bigint",
        {std::to_string(most)});
    std::vector<task_id> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({r.number(i, 0)});
    co_return all;
}

awaitable<void> message_stands(store::pool& db, task_id task, int turn, std::int64_t chat, std::int64_t message) {
    co_await db.transact(
        {{"update task_messages set message_id = $3 where task_id = $1 and turn = $2",
          {task.str(), std::to_string(turn), std::to_string(message)}},
         {"insert into message_tasks (chat_id, message_id, task_id) values ($2, $3, $1) on conflict do nothing",
          {task.str(), std::to_string(chat), std::to_string(message)}}});
}

awaitable<void> message_reopened(store::pool& db, task_id task, int turn) {
    co_await db.query("update task_messages set ended = false where task_id = $1 and turn = $2 and ended",
                      {task.str(), std::to_string(turn)});
}

awaitable<void> message_ended(store::pool& db, task_id task, int turn) {
    co_await db.query("update task_messages set ended = true where task_id = $1 and turn = $2",
                      {task.str(), std::to_string(turn)});
}

awaitable<std::vector<std::string>> button_tokens(store::pool& db, std::int64_t chat, task_id task,
                                                  std::vector<standing_button> all) {
    if (all.empty()) co_return std::vector<std::string>{};
    std::map<std::pair<std::string, std::string>, std::string> found;
    boost::json::array wanted;
    for (const auto& b : all)
        if (found.try_emplace({b.action, b.argument}).second)
            wanted.push_back({{"action", b.action}, {"argument", b.argument}, {"once", b.once}});
    auto r = co_await db.query(
        "insert into buttons (token, chat_id, task_id, action, argument, once, standing) "
        "select replace(gen_random_uuid()::text, '-', ''), $1::bigint, $2::bigint, action, argument, once, true "
        "from jsonb_to_recordset($3::jsonb) b(action text, argument text, once boolean) "
        "on conflict (task_id, action, argument) where standing do update set chat_id = excluded.chat_id "
        "returning action, argument, token",
        {std::to_string(chat), task.str(), boost::json::serialize(wanted)});
    for (int i = 0; i < r.size(); ++i)
        found[{std::string(r.text(i, 0)), std::string(r.text(i, 1))}] = r.text(i, 2);
    std::vector<std::string> tokens;
    for (const auto& b : all)
        tokens.push_back(found[{b.action, b.argument}]);
    co_return tokens;
}

awaitable<std::optional<int>> tasks_ahead(store::pool& db, task_id task) {
    auto r = co_await db.query(
        "select (select count(*) from (select from tasks b where b.state = 'queued' and not b.foreground "
        "and (b.not_before, b.id) < (t.not_before, t.id) limit 1000) before) "
        "+ (select count(*) from tasks w where w.lease_until is not null) "
        "from tasks t where t.id = $1 and t.state = 'queued'",
        {task.str()});
    if (r.empty()) co_return std::nullopt;
    co_return static_cast<int>(r.number(0, 0));
}

} // namespace persais::telegram
