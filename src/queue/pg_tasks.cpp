#include "queue/pg_tasks.hpp"

#include "queue/add_task.hpp"
#include "queue/codec.hpp"
#include "queue/limits.hpp"
#include "queue/turns.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::queue {

using namespace mechanic;
using store::param;

namespace {

snapshot snapshot_of(const store::rows& r) {
    task t;
    try {
        t = read(r, 0);
    } catch (const std::exception& e) {
        throw unusable_row({r.number(0, r.column("id"))}, e.what());
    }
    snapshot s{.task = std::move(t),
               .at = fence{r.number(0, r.column("fence"))},
               .read_at = time_point(std::chrono::microseconds(r.number(0, r.column("read_at")))),
               .conversation = std::string(r.text(0, r.column("conversation"))),
               .abort_wished = r.boolean(0, r.column("abort_wished")),
               .owner = std::string(r.text(0, r.column("owner"))),
               .last_turn = static_cast<int>(r.number(0, r.column("last_turn")))};
    s.last_turn = std::max(s.last_turn, s.task.known.turn);
    if (auto turn = r.column("kept_turn"), by = r.column("kept_by"); !r.null(0, turn))
        s.kept = reply{static_cast<int>(r.number(0, turn)), std::string(r.text(0, r.column("kept_instruction"))),
                       r.null(0, by) ? std::nullopt : std::optional(r.number(0, by))};
    return s;
}

std::string select_task(std::string_view where) {
    return fmt::format("select {}, (extract(epoch from clock_timestamp()) * 1000000)::bigint as read_at, conversation, "
                       "abort_wished, coalesce(lease_owner, '') as owner, "
                       "coalesce((select max(turn) from task_turns k where k.task_id = tasks.id), 0) as last_turn, "
                       "kept_turn, kept_instruction, kept_by from tasks left join lateral (select turn as kept_turn, "
                       "k.instruction as kept_instruction, person_id as kept_by from task_turns k "
                       "where k.task_id = tasks.id and k.state = 'kept' order by turn limit 1) kept on true {}",
                       columns(), where);
}

std::vector<task_id> ids_of(const store::rows& r) {
    std::vector<task_id> ids;
    for (int i = 0; i < r.size(); ++i)
        ids.push_back({r.number(i, 0)});
    return ids;
}

/// As `note` and `save` unpack them.
std::string lines_json(std::vector<tasks::line> lines) {
    boost::json::array bodies;
    for (auto& each : lines)
        bodies.push_back(
            {{"kind", each.what == tasks::line::kind::log ? "log" : "progress"}, {"text", std::move(each.text)}});
    return boost::json::serialize(bodies);
}

/// With it, and the turn, each state that a task passes under one fence is another one: a write that arrives late meets
/// only its own.
param round_of(const state& s) {
    if (auto* in = std::get_if<coding>(&s)) return std::to_string(in->round);
    if (auto* in = std::get_if<checking>(&s)) return std::to_string(in->round);
    return std::nullopt;
}

constexpr auto microseconds = "timestamptz 'epoch' + ${}::bigint * interval '1 microsecond'";

} // namespace

pg_tasks::pg_tasks(store::pool& db, std::string owner, std::chrono::milliseconds lease_ttl)
    : db_(db), owner_(std::move(owner)), ttl_(lease_ttl) {}

awaitable<task_id> pg_tasks::add(order what, std::string conversation) {
    auto s = add_statement({}, what, std::chrono::milliseconds(0), std::move(conversation));
    auto r = co_await db_.query(std::move(s.sql), std::move(s.params));
    co_return task_id{r.number(0, 0)};
}

awaitable<std::optional<snapshot>> pg_tasks::load(task_id id) {
    auto r = co_await db_.query(select_task("where id = $1"), {id.str()});
    if (r.empty()) co_return std::nullopt;
    co_return snapshot_of(r);
}

awaitable<std::optional<snapshot>> pg_tasks::claimable(std::optional<task_id> only) {
    if (only) {
        auto r = co_await db_.query(
            select_task("where id = $1 and ((state = 'queued' and not_before <= now()) or lease_until <= now() or "
                        "(state = 'waiting' and wait_until <= now()))"),
            {only->str()});
        co_return r.empty() ? std::nullopt : std::optional(snapshot_of(r));
    }
    // Each part takes one row from the end of an index, whatever the backlog: the repositories are hopped over one by
    // one (recursive), each gives its oldest.
    auto r = co_await db_.query(select_task(
        "where id = coalesce("
        "(select id from tasks where lease_until <= now() and not foreground order by lease_until limit 1), "
        "(select id from tasks where state = 'waiting' and wait_until <= now() and not foreground "
        "order by wait_until limit 1), "
        "(with recursive lane(remote) as ("
        "(select remote from tasks where state = 'queued' and not foreground order by remote limit 1) union all "
        "select (select t.remote from tasks t where t.state = 'queued' and not t.foreground and t.remote > lane.remote "
        "order by t.remote limit 1) from lane where lane.remote is not null), "
        "head as (select t.id, t.remote, t.not_before from lane cross join lateral (select id, remote, not_before "
        "from tasks where state = 'queued' and not foreground and remote = lane.remote and not_before <= now() "
        "order by not_before, id limit 1) t), "
        "busy as (select remote, count(*) as n from tasks where lease_until is not null group by remote) "
        "select head.id from head left join busy using (remote) left join lanes using (remote) "
        "order by coalesce(busy.n, 0), lanes.claimed_at nulls first, head.not_before, head.id limit 1))"));
    if (r.empty()) co_return std::nullopt;
    co_return snapshot_of(r);
}

awaitable<void> pg_tasks::set_aside(task_id id, std::chrono::seconds for_this_long) {
    co_await db_.query("update tasks set not_before = case when not_before is not null then later end, "
                       "lease_until = case when lease_until is not null then later end, "
                       "wait_until = case when wait_until is not null then later end "
                       "from (select clock_timestamp() + $2::bigint * interval '1 second' as later) l where id = $1",
                       {id.str(), std::to_string(for_this_long.count())});
}

awaitable<pg_tasks::outlook> pg_tasks::next_due() {
    auto r = co_await db_.query(
        "select ceil(extract(epoch from least("
        "(select min(not_before) from tasks where state = 'queued' and not foreground), "
        "(select min(lease_until) from tasks where lease_until is not null and not foreground), "
        "(select min(wait_until) from tasks where state = 'waiting' and not foreground), "
        // Just past: it came due since turns_to_begin() looked.
        "(select min(not_before) from task_turns where state = 'kept' and "
        "not_before > clock_timestamp() - interval '5 s')) - clock_timestamp()) "
        "* 1000)::bigint, (select count(*) from (select 1 from tasks where state = 'queued' and not foreground "
        "limit $1::bigint) counted)",
        {std::to_string(limits::queue_counted)});
    outlook seen{.due = std::nullopt, .queued = static_cast<int>(r.number(0, 1))};
    if (!r.null(0, 0)) seen.due = std::chrono::milliseconds(std::max<std::int64_t>(0, r.number(0, 0)));
    co_return seen;
}

awaitable<bool> pg_tasks::write(change what) {
    const auto& [was, next, claim, also, said] = what;
    boost::json::array told(also.outbox.begin(), also.outbox.end());
    bool working = lease_of(next.now) != nullptr;
    auto v = state_values(next);
    std::string sql = fmt::format(
        "with moved as (update tasks set state = $4, attempt = $5, round = $6, not_before = {0}, commit_id = $8, "
        "verdict = $9, wait_reason = $10, wait_until = case when abort_wished and $11::bigint is not null "
        "then clock_timestamp() else {1} end, give_up_at = {2}, reason = $13, sentence = $14, "
        "facts = $15::jsonb, fence = fence + $3::bigint, changed_at = clock_timestamp(), "
        "lease_until = case when $16::boolean then clock_timestamp() + $17::bigint * interval '1 millisecond' end, "
        "lease_owner = case when $16::boolean then $18 end, abort_wished = abort_wished and not $23::boolean, "
        "conversation = coalesce($19::jsonb, conversation), foreground = $25::boolean "
        "where id = $1 and fence = $2 and state = $21 and round is not distinct from $24::int and ($3::bigint = 0 or "
        "lease_until is null or "
        "lease_until <= clock_timestamp()) and coalesce((facts ->> 'turn')::int, 0) = $29::int "
        "returning id, fence, remote), "
        "served as (insert into lanes (remote, claimed_at) select remote, clock_timestamp() from moved "
        "where $3::bigint = 1 on conflict (remote) do update set claimed_at = excluded.claimed_at), "
        "begun as (insert into task_turns as k (task_id, turn, instruction, person_id, state) select moved.id, "
        "b.turn, b.instruction, b.person, 'begun' from moved, (select $26::int as turn, $27::text as instruction, "
        "$28::bigint as person) b where b.turn is not null on conflict (task_id, turn) do update set "
        "state = turn_begun(k.instruction, excluded.instruction)), "
        "past as (update task_messages m set came_to = to_jsonb(t) - 'conversation' from tasks t, moved "
        "where $26::int is not null and t.id = moved.id and m.task_id = t.id and m.turn = (select max(n.turn) "
        "from task_messages n where n.task_id = t.id and n.turn <= $29::int)), " // t: before this statement
        "told as (insert into outbox (task_id, turn, body, chat_id, topic_id, sent_at) select moved.id, $29::int, "
        "t.value, c.chat_id, coalesce(c.topic_id, 0), case when c.chat_id is null then clock_timestamp() end from "
        "moved "
        "left join task_chats c on c.task_id = moved.id, jsonb_array_elements_text($20::jsonb) t), "
        "noted as (insert into task_events (task_id, fence, kind, body) select moved.id, moved.fence, l.kind, l.body "
        "from moved, (select n, value ->> 'kind' as kind, jsonb_build_object('text', value ->> 'text') as body "
        "from jsonb_array_elements($22::jsonb) with ordinality e(value, n) union all select null, 'state', "
        "jsonb_build_object('state', $4::text, 'attempt', $5::int, 'round', $6::int)) l order by l.n nulls last) "
        "select count(*), (select pg_notify($30, '') from moved, task_turns k where $23::boolean "
        "and k.task_id = moved.id and k.state = 'kept' limit 1) from moved",
        fmt::format(fmt::runtime(microseconds), 7), fmt::format(fmt::runtime(microseconds), 11),
        fmt::format(fmt::runtime(microseconds), 12));
    std::vector<param> p{was.task.id.str(), was.at.value ? std::to_string(was.at.value) : "0", claim ? "1" : "0"};
    p.insert(p.end(), v.begin(), v.end());
    p.insert(p.end(), {working ? "true" : "false", std::to_string(ttl_.count()), owner_, also.conversation,
                       boost::json::serialize(told), std::string(name_of(was.task.now)), lines_json(said),
                       is_settled(next.now) ? "true" : "false", round_of(was.task.now),
                       next.what.foreground ? "true" : "false"});
    if (const auto& b = also.begins)
        p.insert(p.end(), {std::to_string(b->turn), b->instruction, store::opt(b->person)});
    else
        p.insert(p.end(), 3, std::nullopt);
    p.insert(p.end(), {std::to_string(was.task.known.turn), channel}); // whoever works begins the reply that waited
    auto r = co_await db_.query(std::move(sql), std::move(p));
    co_return r.number(0, 0) == 1;
}

awaitable<pg_tasks::renewed> pg_tasks::renew(task_id id, fence at) {
    auto r =
        co_await db_.query("update tasks set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond' "
                           "where id = $1 and fence = $2 and lease_until is not null returning abort_wished",
                           {id.str(), std::to_string(at.value), std::to_string(ttl_.count())});
    if (r.empty()) co_return renewed{};
    co_return renewed{.held = true, .abort_wished = r.boolean(0, 0)};
}

awaitable<bool> pg_tasks::wish_abort(task_id id) {
    auto r = co_await db_.query("with wished as (update tasks set abort_wished = true where id = $1 and "
                                "lease_until > clock_timestamp() returning id) select pg_notify($2, '') from wished",
                                {id.str(), channel});
    co_return !r.empty();
}

awaitable<std::vector<task_id>> pg_tasks::abort_wished_of(std::vector<task_id> ids) {
    std::string list = "{";
    for (auto id : ids)
        list += (list.size() > 1 ? "," : "") + id.str();
    auto r = co_await db_.query("select id from tasks where id = any($1::bigint[]) and abort_wished", {list + "}"});
    co_return ids_of(r);
}

awaitable<int> pg_tasks::wake(std::vector<wait_reason> causes) {
    std::string list = "{";
    for (auto why : causes)
        list += (list.size() > 1 ? "," : "") + std::string(to_string(why));
    auto r = co_await db_.query("with woken as (update tasks set wait_until = now() where state = 'waiting' and "
                                "wait_reason = any($1::text[]) returning id) "
                                "select count(*), case when count(*) > 0 then pg_notify($2, '') end from woken",
                                {list + "}", channel});
    co_return static_cast<int>(r.number(0, 0));
}

awaitable<bool> pg_tasks::keep_reply(task_id id, reply what) {
    auto s = reply_statement(id, what);
    try {
        co_await db_.query(std::move(s.sql), std::move(s.params));
        co_return true;
    } catch (const store::db_error& e) {
        if (e.sqlstate != "23505") throw;
    }
    co_return false;
}

awaitable<void> pg_tasks::drop_replies(task_id id) {
    auto s = drop_statement(id);
    co_await db_.query(std::move(s.sql), std::move(s.params));
}

awaitable<std::vector<reply>> pg_tasks::turns_of(task_id id) {
    auto r = co_await db_.query("select turn, instruction, person_id from task_turns where task_id = $1 and "
                                "state = 'begun' order by turn",
                                {id.str()});
    std::vector<reply> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({static_cast<int>(r.number(i, 0)), std::string(r.text(i, 1)),
                       r.null(i, 2) ? std::nullopt : std::optional(r.number(i, 2))});
    co_return all;
}

awaitable<std::vector<task_id>> pg_tasks::turns_to_begin() {
    auto r = co_await db_.query(fmt::format("select t.id from task_turns k join tasks t on t.id = k.task_id "
                                            "where k.state = 'kept' and t.state in ({}) group by t.id "
                                            "having coalesce(max(k.not_before) <= clock_timestamp(), true) "
                                            "order by min(k.at) limit $1::bigint",
                                            quoted_states(is_settled)),
                                {std::to_string(limits::turns_begun)});
    co_return ids_of(r);
}

awaitable<bool> pg_tasks::raise_budget(task_id id, double usd) {
    auto s = budget_statement(id, usd);
    co_return !(co_await db_.query(std::move(s.sql), std::move(s.params))).empty();
}

awaitable<std::vector<task_id>> pg_tasks::reviews_before(time_point then) {
    auto r =
        co_await db_.query(fmt::format("select id from tasks where state = 'review' and changed_at < {} "
                                       "order by changed_at limit $2::bigint",
                                       fmt::format(fmt::runtime(microseconds), 1)),
                           {std::to_string(then.time_since_epoch().count()), std::to_string(limits::expire_batch)});
    co_return ids_of(r);
}

awaitable<void> pg_tasks::note(task_id id, fence at, std::vector<line> lines) {
    co_await db_.query("insert into task_events (task_id, fence, kind, body) select t.id, t.fence, l.value ->> 'kind', "
                       "jsonb_build_object('text', l.value ->> 'text') from tasks t, "
                       "jsonb_array_elements($3::jsonb) with ordinality l(value, n) where t.id = $1 and t.fence = $2 "
                       "order by l.n",
                       {id.str(), std::to_string(at.value), lines_json(std::move(lines))});
}

} // namespace persais::queue
