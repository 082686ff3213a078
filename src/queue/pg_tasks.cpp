#include "queue/pg_tasks.hpp"

#include "queue/add_task.hpp"
#include "queue/codec.hpp"
#include "queue/limits.hpp"
#include "queue/queries.hpp"
#include "queue/turns.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::queue {

using namespace mechanic;
using store::param;

namespace {

snapshot snapshot_of(const store::rows& r, int row = 0) {
    task t;
    try {
        t = read(r, row);
    } catch (const std::exception& e) {
        throw unusable_row({r.number(row, r.column("id"))}, e.what());
    }
    snapshot s{.task = std::move(t),
               .at = fence{r.number(row, r.column("fence"))},
               .read_at = time_point(std::chrono::microseconds(r.number(row, r.column("read_at")))),
               .conversation = std::string(r.text(row, r.column("conversation"))),
               .abort_wished = r.boolean(row, r.column("abort_wished")),
               .owner = std::string(r.text(row, r.column("owner"))),
               .last_turn = static_cast<int>(r.number(row, r.column("last_turn")))};
    s.last_turn = std::max(s.last_turn, s.task.known.turn);
    if (auto turn = r.column("kept_turn"), by = r.column("kept_by"); !r.null(row, turn))
        s.kept = reply{static_cast<int>(r.number(row, turn)), std::string(r.text(row, r.column("kept_instruction"))),
                       r.null(row, by) ? std::nullopt : std::optional(r.number(row, by))};
    return s;
}

std::string select_task(std::string_view where, std::string_view from = "tasks") {
    return fmt::format("select {}, (extract(epoch from clock_timestamp()) * 1000000)::bigint as read_at, conversation, "
                       "abort_wished, coalesce(lease_owner, '') as owner, "
                       "coalesce((select max(turn) from task_turns k where k.task_id = tasks.id), 0) as last_turn, "
                       "kept_turn, kept_instruction, kept_by from {} left join lateral (select turn as kept_turn, "
                       "k.instruction as kept_instruction, person_id as kept_by from task_turns k "
                       "where k.task_id = tasks.id and k.state = 'kept' order by turn limit 1) kept on true {}",
                       columns(), from, where);
}

/// For what somebody may just have given, before this was stored.
bool waits_for_money(const state& s) {
    const auto* w = std::get_if<waiting>(&s);
    return w &&
           (w->why == wait_reason::paused || w->why == wait_reason::day_budget || w->why == wait_reason::month_budget);
}

const std::string can_be_claimed = " and ((state = 'queued' and not_before <= now()) or lease_until <= now() or "
                                   "(state = 'waiting' and wait_until <= now()))";

/// The function sees what was committed since this statement began, and the rows are read as they were then.
store::statement claimable_statement(int most) {
    static const std::string text =
        select_task("where true" + can_be_claimed + " order by array_position(next.ids, id)",
                    "(select claimable_tasks($1::int) as ids offset 0) next join tasks on tasks.id = any (next.ids)");
    return {text, {std::to_string(most)}};
}

std::string list_of(const std::vector<task_id>& ids) {
    std::string list = "{";
    for (auto id : ids)
        list += (list.size() > 1 ? "," : "") + id.str();
    return list + "}";
}

std::string list_of(const std::vector<std::int64_t>& numbers) {
    return fmt::format("{{{}}}", fmt::join(numbers, ","));
}

store::statement aborts_statement(const std::vector<task_id>& ids) {
    return {"select id from tasks where id = any($1::bigint[]) and abort_wished", {list_of(ids)}};
}

store::statement turns_statement() {
    return {"select t.id from task_turns k join tasks t on t.id = k.task_id where k.state = 'kept' and t.state = any "
            "($2::text[]) group by t.id having coalesce(max(k.not_before) <= clock_timestamp(), true) order by "
            "min(k.at) limit $1::bigint",
            {std::to_string(limits::turns_begun), array_of_states(is_settled)}};
}

store::statement due_statement(bool count) {
    return {queries::next_due, {std::to_string(count ? limits::queue_counted : 0)}};
}

leases::outlook outlook_of(const store::rows& r) {
    leases::outlook seen{.due = std::nullopt, .queued = static_cast<int>(r.number(0, 1))};
    if (!r.null(0, 0)) seen.due = std::chrono::milliseconds(std::max<std::int64_t>(0, r.number(0, 0)));
    return seen;
}

std::vector<task_id> ids_of(const store::rows& r) {
    std::vector<task_id> ids;
    for (int i = 0; i < r.size(); ++i)
        ids.push_back({r.number(i, 0)});
    return ids;
}

/// The JSON that the statements of `note` and `save` unpack.
std::string lines_json(std::vector<tasks::line> lines) {
    boost::json::array bodies;
    for (auto& each : lines) {
        boost::json::object body{{"kind", each.what == tasks::line::kind::log ? "log" : "progress"},
                                 {"text", std::move(each.text)}};
        if (each.doing) {
            body["doing"] = name_of(each.doing->what);
            body["subject"] = std::move(each.doing->subject);
        }
        bodies.push_back(std::move(body));
    }
    return boost::json::serialize(bodies);
}

/// This and the turn distinguish all states that a task passes through under one fence, so a write that arrives late
/// matches only the state that it was meant for.
param round_param(const state& s) {
    return sequence_of(s).transform([](int round) { return std::to_string(round); });
}

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
        auto r = co_await db_.query(select_task("where id = $1" + can_be_claimed), {only->str()});
        co_return r.empty() ? std::nullopt : std::optional(snapshot_of(r));
    }
    auto s = claimable_statement(1);
    auto r = co_await db_.query(std::move(s.sql), std::move(s.params));
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

awaitable<pg_tasks::outlook> pg_tasks::next_due(bool count) {
    auto s = due_statement(count);
    co_return outlook_of(co_await db_.query(std::move(s.sql), std::move(s.params)));
}

awaitable<pg_tasks::seen> pg_tasks::look(std::vector<task_id> held, int slots, bool count) {
    std::vector<store::statement> all{turns_statement(), claimable_statement(slots), due_statement(count)};
    if (!held.empty()) all.push_back(aborts_statement(held));
    auto answers = co_await db_.transact(std::move(all));
    seen s{.turns = ids_of(answers.at(0)), .next = outlook_of(answers.at(2))};
    if (!held.empty()) s.to_abort = ids_of(answers.at(3));
    const auto& rows = answers.at(1);
    for (int i = 0; i < rows.size(); ++i) {
        try {
            s.claimable.push_back(snapshot_of(rows, i));
        } catch (const unusable_row& e) {
            s.unusable.push_back(e);
        }
    }
    co_return s;
}

awaitable<std::vector<snapshot>> pg_tasks::write_claims(claim_of_new what) {
    static const std::string text = select_task("", "claim_new_tasks($1, $2, $3, $4, $5, $6, $7, $8) tasks");
    auto r = co_await db_.query(text, {std::to_string(what.most), std::string(name_of(what.to)),
                                       std::to_string(what.to.attempt), owner_, std::to_string(ttl_.count()),
                                       std::to_string(what.number), list_of(what.lost), facts_json({})});
    std::vector<snapshot> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(snapshot_of(r, i)); // each can be read, because nothing is known of it
    co_return all;
}

awaitable<bool> pg_tasks::write(change what) {
    const auto& [was, next, claim, also, said] = what;
    boost::json::array told(also.outbox.begin(), also.outbox.end());
    bool working = lease_of(next.now) != nullptr;
    auto v = state_values(next);
    std::vector<param> p{was.task.id.str(), was.at.value ? std::to_string(was.at.value) : "0", claim ? "1" : "0"};
    p.insert(p.end(), v.begin(), v.end());
    p.insert(p.end(), {working ? "true" : "false", std::to_string(ttl_.count()), owner_, also.conversation,
                       boost::json::serialize(told), std::string(name_of(was.task.now)), lines_json(said),
                       is_settled(next.now) ? "true" : "false", round_param(was.task.now),
                       next.what.foreground ? "true" : "false"});
    if (const auto& b = also.begins)
        p.insert(p.end(), {std::to_string(b->turn), b->instruction, store::opt(b->person)});
    else
        p.insert(p.end(), 3, std::nullopt);
    p.insert(p.end(), {std::to_string(was.task.known.turn), channel});
    auto& way = claim && working ? claims_ : saves_;
    auto r = co_await way.write({queries::save_task, std::move(p)}, was.task.what.remote, was.task.id);
    bool written = r.number(0, 0) == 1;
    if (written && waits_for_money(next.now)) {
        try {
            co_await db_.query("select wait_is_over($1, $2)", {was.task.id.str(), channel});
        } catch (const store::db_error&) { // it looks when its wait ends; what was written is written
        }
    }
    co_return written;
}

awaitable<pg_tasks::renewed> pg_tasks::renew(task_id id, fence at) {
    auto r = co_await db_.query_at_once(
        "update tasks set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond' "
        "where id = $1 and fence = $2 and lease_owner = $4 returning abort_wished",
        {id.str(), std::to_string(at.value), std::to_string(ttl_.count()), owner_});
    if (r.empty()) co_return renewed{};
    co_return renewed{.held = true, .abort_wished = r.boolean(0, 0)};
}

/// Asks something that is the same when it is asked twice.
static awaitable<store::rows> ask_again(store::pool& db, std::string ask, task_id id, fence at,
                                        std::vector<store::param> more = {}) {
    std::vector<store::param> by{id.str(), std::to_string(at.value)};
    by.insert(by.end(), more.begin(), more.end());
    std::optional<store::rows> answer;
    try {
        answer = co_await db.query(ask, by);
    } catch (const store::db_error& e) {
        if (!e.unknown_outcome()) throw;
    }
    if (!answer) answer = co_await db.query(ask, by);
    co_return std::move(*answer);
}

awaitable<pg_tasks::lane> pg_tasks::take_lane(task_id id, fence at) {
    auto r = co_await ask_again(db_, "select taken, ahead from landing_lane($1, $2)", id, at);
    co_return lane{r.boolean(0, 0), std::string(r.text(0, 1))};
}

awaitable<std::vector<pg_tasks::joined>> pg_tasks::join_landings(task_id id, fence at) {
    auto r = co_await ask_again(db_, "select id, made from landing_join($1, $2, $3, $4) order by place", id, at,
                                {std::to_string(limits::landings_together),
                                 std::to_string(std::chrono::seconds(limits::joined_waits).count())});
    std::vector<joined> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({{r.number(i, 0)}, std::string(r.text(i, 1))});
    co_return all;
}

awaitable<bool> pg_tasks::wish_abort(task_id id) {
    auto r = co_await db_.query("with wished as (update tasks set abort_wished = true where id = $1 and "
                                "lease_until > clock_timestamp() returning id) select pg_notify($2, '') from wished",
                                {id.str(), channel});
    co_return !r.empty();
}

awaitable<std::vector<task_id>> pg_tasks::abort_wished_of(std::vector<task_id> ids) {
    auto s = aborts_statement(ids);
    co_return ids_of(co_await db_.query(std::move(s.sql), std::move(s.params)));
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
    auto s = turns_statement();
    co_return ids_of(co_await db_.query(std::move(s.sql), std::move(s.params)));
}

awaitable<bool> pg_tasks::raise_budget(task_id id, double usd) {
    auto s = budget_statement(id, usd);
    co_return !(co_await db_.query(std::move(s.sql), std::move(s.params))).empty();
}

awaitable<std::vector<task_id>> pg_tasks::reviews_before(time_point then) {
    auto r =
        co_await db_.query("select id from tasks where state = 'review' and changed_at < timestamptz 'epoch' + "
                           "$1::bigint * interval '1 microsecond' order by changed_at limit $2::bigint",
                           {std::to_string(then.time_since_epoch().count()), std::to_string(limits::expire_batch)});
    co_return ids_of(r);
}

awaitable<void> pg_tasks::note(task_id id, fence at, std::vector<line> lines) {
    co_await db_.query("insert into task_events (task_id, fence, kind, body) select t.id, t.fence, l.value ->> 'kind', "
                       "l.value - 'kind' from tasks t, "
                       "jsonb_array_elements($3::jsonb) with ordinality l(value, n) where t.id = $1 and t.fence = $2 "
                       "order by l.n",
                       {id.str(), std::to_string(at.value), lines_json(std::move(lines))});
}

} // namespace persais::queue
