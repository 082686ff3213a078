#include "telegram/store/chats.hpp"

#include "base/text.hpp"
#include "queue/codec.hpp"
#include "queue/tasks.hpp"
#include "telegram/store/queries.hpp"

namespace persais::telegram {

using mechanic::order;
using store::param;
using store::statement;

namespace {

std::optional<std::string> text_or_none(const store::rows& r, int column) {
    return r.null(0, column) ? std::nullopt : std::optional(std::string(r.text(0, column)));
}

std::string micros(time_point t) {
    return std::to_string(t.time_since_epoch().count());
}

/// Each on a line: the role and, behind a space, the repository.
std::vector<queue::role_grant> grants_in(std::int64_t person, std::string_view lines) {
    std::vector<queue::role_grant> all;
    while (!lines.empty()) {
        auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        auto space = line.find(' ');
        all.push_back({person, std::string(line.substr(space + 1)), std::string(line.substr(0, space))});
    }
    return all;
}

/// From this column and the next.
heard_part heard_at(const store::rows& r, int column) {
    return {r.number(0, column), time_point(std::chrono::microseconds(r.number(0, column + 1)))};
}

} // namespace

awaitable<conversation_state> load_conversation(store::pool& db, chat_place where, std::int64_t person,
                                                std::optional<std::int64_t> answered_message) {
    auto r = co_await db.query(queries::conversation, {std::to_string(person), std::to_string(where.chat),
                                                       std::to_string(where.topic), store::opt(answered_message)});
    conversation_state known;
    known.language = r.text(0, 0);
    known.model = text_or_none(r, 1);
    if (!r.null(0, 2)) known.budget_usd = r.real(0, 2);
    known.expects = r.text(0, 3);
    if (!r.null(0, 4))
        known.chosen = repository{.id = r.number(0, 4),
                                  .name = std::string(r.text(0, 5)),
                                  .remote = std::string(r.text(0, 6)),
                                  .base_branch = text_or_none(r, 7),
                                  .setup = text_or_none(r, 8),
                                  .check = text_or_none(r, 9),
                                  .has_token = r.boolean(0, 10)};
    known.waiting = static_cast<int>(r.number(0, 11));
    if (!r.null(0, 12)) known.answered_to = task_id{r.number(0, 12)};
    if (!r.null(0, 13))
        known.open = conversation_state::open_task{
            .id = {r.number(0, 13)},
            .turn = r.null(0, 17) ? std::nullopt : std::optional(static_cast<int>(r.number(0, 17))),
            .newest = heard_at(r, 14),
            .characters = static_cast<std::size_t>(r.number(0, 16))};
    if (!r.null(0, 18)) known.refused_at = r.number(0, 18);
    known.paired = r.boolean(0, 19);
    known.let_in = r.boolean(0, 20);
    known.asked = r.boolean(0, 21);
    if (!r.null(0, 22)) known.grants = grants_in(person, r.text(0, 22));
    if (!r.null(0, 23)) known.may_wait = static_cast<int>(r.number(0, 23));
    co_return known;
}

statement choose_language(std::int64_t person, const std::string& language) {
    return {"update people set language = $2 where id = $1::bigint", {std::to_string(person), language}};
}

std::vector<statement> task_from_chat(task_id id, const task_origin& from, const std::vector<message_part>& parts) {
    auto chat = std::to_string(from.where.chat), topic = std::to_string(from.where.topic);
    auto message = std::to_string(from.message);
    std::vector<statement> all{{std::string(queries::task_from_chat),
                                {id.str(), chat, topic, std::to_string(from.person), message, from.language,
                                 store::opt(from.said_at), micros(from.heard_at), std::to_string(parts.size())}}};
    for (const auto& each : parts)
        all.push_back(message_belongs(from.where, each.message, id, 0, each.characters));
    return all;
}

awaitable<std::vector<message_part>> parts_of_task(store::pool& db, task_id id) {
    auto r = co_await db.query("select message_id, characters from message_tasks where task_id = $1::bigint and "
                               "turn = 0 and characters is not null order by message_id",
                               {id.str()});
    std::vector<message_part> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({r.number(i, 0), static_cast<std::size_t>(r.number(i, 1))});
    co_return all;
}

std::vector<statement> turn_from_chat(task_id id, int turn, const task_origin& from) {
    auto chat = std::to_string(from.where.chat), topic = std::to_string(from.where.topic);
    auto message = std::to_string(from.message);
    return {{"insert into task_chats (task_id, chat_id, topic_id, person_id, message_id, language) "
             "values ($1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6) on conflict do nothing",
             {id.str(), chat, topic, std::to_string(from.person), message, from.language}},
            {"insert into task_messages (task_id, turn, chat_id, topic_id, reply_to) "
             "values ($1::bigint, $2::int, $3::bigint, $4::bigint, $5::bigint)",
             {id.str(), std::to_string(turn), chat, topic, message}}};
}

awaitable<int> replies_kept(store::pool& db, task_id id) {
    auto r = co_await db.query("select count(*) from task_turns where task_id = $1 and state = 'kept'", {id.str()});
    co_return static_cast<int>(r.number(0, 0));
}

std::vector<statement> join_task(task_id id, const next_part& part, std::chrono::milliseconds wait) {
    return {{"select task_part($1::bigint, $2::bigint, $3::bigint, $4, $5::bigint, timestamptz 'epoch' + $6::bigint * "
             "interval '1 microsecond', $7::bigint * interval '1 millisecond')",
             {id.str(), std::to_string(part.where.chat), std::to_string(part.message), part.text,
              std::to_string(part.when.said_at), micros(part.when.heard_at), std::to_string(wait.count())}},
            message_belongs(part.where, part.message, id, 0, text::characters(part.text))};
}

statement turn_may_go_on(task_id id, int turn, std::int64_t said_at, time_point heard_at,
                         std::chrono::milliseconds wait) {
    return {"update task_turns set said_at = $3::bigint, heard_at = timestamptz 'epoch' + $4::bigint * interval '1 "
            "microsecond', not_before = clock_timestamp() + $5::bigint * interval '1 millisecond' "
            "where task_id = $1::bigint and turn = $2::int",
            {id.str(), std::to_string(turn), std::to_string(said_at), micros(heard_at), std::to_string(wait.count())}};
}

std::vector<statement> join_turn(task_id id, int turn, const next_part& part, std::chrono::milliseconds wait) {
    return {{"select turn_part($1::bigint, $2::int, $3::bigint, $4::bigint, $5, $6::bigint, timestamptz 'epoch' + "
             "$7::bigint "
             "* interval '1 microsecond', $8::bigint * interval '1 millisecond')",
             {id.str(), std::to_string(turn), std::to_string(part.where.chat), std::to_string(part.message), part.text,
              std::to_string(part.when.said_at), micros(part.when.heard_at), std::to_string(wait.count())}},
            message_belongs(part.where, part.message, id, turn, text::characters(part.text))};
}

std::vector<statement> withdraw(task_id id, std::optional<int> turn, chat_place where) {
    auto number = std::to_string(turn.value_or(0));
    auto taken_back = turn ? statement{"select turn_withdraw($1::bigint, $2::int)", {id.str(), number}}
                           : statement{"select task_withdraw($1::bigint)", {id.str()}};
    return {std::move(taken_back),
            {"insert into outbox (task_id, turn, body, chat_id, topic_id) values ($1::bigint, $2::int, 'Withdrawn.', "
             "$3::bigint, $4::bigint)",
             {id.str(), number, std::to_string(where.chat), std::to_string(where.topic)}}};
}

statement refused_here(chat_place where, std::int64_t person, heard_part part) {
    return {"insert into refused_instructions as r (chat_id, topic_id, person_id, said_at, heard_at) values "
            "($1::bigint, $2::bigint, $3::bigint, $4::bigint, timestamptz 'epoch' + $5::bigint * interval '1 "
            "microsecond') on conflict (chat_id, topic_id, person_id) do update set said_at = greatest(r.said_at, "
            "excluded.said_at), heard_at = excluded.heard_at",
            {std::to_string(where.chat), std::to_string(where.topic), std::to_string(person),
             std::to_string(part.said_at), micros(part.heard_at)}};
}

statement message_belongs(chat_place where, std::int64_t message, task_id to, int turn, std::size_t characters) {
    return {
        "insert into message_tasks (chat_id, message_id, task_id, turn, characters) values ($1::bigint, $2::bigint, "
        "$3::bigint, $4::int, $5::int) on conflict (chat_id, message_id) do update set task_id = excluded.task_id, "
        "turn = excluded.turn, characters = excluded.characters",
        {std::to_string(where.chat), std::to_string(message), to.str(), std::to_string(turn),
         std::to_string(characters)}};
}

statement close_instructions(chat_place where, std::int64_t person) {
    return {
        "with replies as (update task_turns k set said_at = null where person_id = $3::bigint and state = 'kept' and "
        "said_at is not null and exists (select from task_messages m where m.task_id = k.task_id and m.turn = k.turn "
        "and "
        "m.chat_id = $1::bigint and m.topic_id = $2::bigint)) update task_chats set said_at = null where person_id = "
        "$3::bigint and chat_id = "
        "$1::bigint and "
        "topic_id = $2::bigint and said_at is not null",
        {std::to_string(where.chat), std::to_string(where.topic), std::to_string(person)}};
}

std::vector<statement> reword_task(task_id id, const std::string& instruction) {
    return {{"select task_reword($1::bigint, $2)", {id.str(), instruction}},
            {"update message_tasks set characters = char_length($2) where task_id = $1::bigint and turn = 0",
             {id.str(), instruction}}};
}

awaitable<std::optional<task_home>> home_of(store::pool& db, task_id id) {
    auto r =
        co_await db.query("select tc.chat_id, tc.topic_id, tc.person_id, tc.message_id, tc.parts, "
                          "t.fence > 0 or t.state <> 'queued' from task_chats tc join tasks t on t.id = tc.task_id "
                          "where tc.task_id = $1::bigint",
                          {id.str()});
    if (r.empty()) co_return std::nullopt;
    co_return task_home{.where = {r.number(0, 0), r.number(0, 1)},
                        .person = r.number(0, 2),
                        .message = r.number(0, 3),
                        .parts = static_cast<int>(r.number(0, 4)),
                        .begun = r.boolean(0, 5)};
}

awaitable<std::optional<task_id>> task_of_message(store::pool& db, std::int64_t chat, std::int64_t message) {
    auto r =
        co_await db.query("select task_id from message_tasks where chat_id = $1::bigint and message_id = $2::bigint",
                          {std::to_string(chat), std::to_string(message)});
    if (r.empty()) co_return std::nullopt;
    co_return task_id{r.number(0, 0)};
}

awaitable<std::vector<chat_task>> tasks_of(store::pool& db, chat_place where, std::optional<std::int64_t> person,
                                           bool unsettled, int most) {
    auto r = co_await db.query(
        "select t.id, left(t.instruction, 200), t.abort_wished and t.lease_until is not null, tc.person_id "
        "from task_chats tc join tasks t on t.id = tc.task_id "
        "where tc.chat_id = $1::bigint and tc.topic_id = $2::bigint "
        "and ($3::bigint is null or tc.person_id = $3::bigint) and (not $4::boolean or t.state <> all ($6::text[])) "
        "order by t.id desc limit $5::bigint",
        {std::to_string(where.chat), std::to_string(where.topic), store::opt(person), unsettled ? "true" : "false",
         std::to_string(most), queue::array_of_states(mechanic::is_settled)});
    std::vector<chat_task> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({.id = {r.number(i, 0)},
                       .instruction = std::string(r.text(i, 1)),
                       .abort_wished = r.boolean(i, 2),
                       .person = r.number(i, 3)});
    co_return all;
}

} // namespace persais::telegram
