#include "queue/tasks.hpp"

#include "queue/codec.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::queue {

using namespace mechanic;
using store::param;

namespace {

snapshot snapshot_of(const store::rows& r) {
    auto t = read(r, 0);
    return {std::move(t), fence{r.number(0, r.column("fence"))},
            time_point(std::chrono::microseconds(r.number(0, r.column("read_at")))),
            std::string(r.text(0, r.column("conversation")))};
}

std::string select_task(std::string_view where) {
    return fmt::format("select {}, (extract(epoch from clock_timestamp()) * 1000000)::bigint as read_at, conversation "
                       "from tasks {}",
                       columns(), where);
}

constexpr auto microseconds = "timestamptz 'epoch' + ${}::bigint * interval '1 microsecond'";

} // namespace

tasks::tasks(store::pool& db, std::string owner, std::chrono::milliseconds lease_ttl)
    : db_(db), owner_(std::move(owner)), ttl_(lease_ttl) {}

awaitable<task_id> tasks::add(order what) {
    auto r = co_await db_.query(
        "insert into tasks (kind, remote, base_wanted, instruction, check_given, setup_given, model, budget_usd, "
        "attempts_most, rounds_most, foreground, state, not_before) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'queued', clock_timestamp()) returning id",
        {what.what == order::kind::question ? "question" : "change", what.remote, what.base_branch, what.instruction,
         what.check, what.setup, what.model, fmt::format("{}", what.budget_usd), std::to_string(what.attempts),
         std::to_string(what.repair_rounds), what.foreground ? "true" : "false"});
    co_return task_id{r.number(0, 0)};
}

awaitable<std::optional<snapshot>> tasks::load(task_id id) {
    auto r = co_await db_.query(select_task("where id = $1"), {id.str()});
    if (r.empty()) co_return std::nullopt;
    co_return snapshot_of(r);
}

awaitable<std::optional<snapshot>> tasks::claimable(std::optional<task_id> only) {
    // One branch an index: the planner walks each from its oldest end.
    std::string due = "where id in ("
                      "(select id from tasks where state = 'queued' and not_before <= now() and {0} "
                      "order by not_before, id limit 1) union all "
                      "(select id from tasks where lease_until is not null and lease_until <= now() and {0} "
                      "order by lease_until limit 1) union all "
                      "(select id from tasks where state = 'waiting' and wait_until <= now() and {0} "
                      "order by wait_until limit 1)) order by id limit 1";
    std::vector<param> params;
    if (only) params.emplace_back(only->str());
    auto r = co_await db_.query(select_task(fmt::format(fmt::runtime(due), only ? "id = $1" : "not foreground")),
                                std::move(params));
    if (r.empty()) co_return std::nullopt;
    co_return snapshot_of(r);
}

awaitable<bool> tasks::save(snapshot was, task next, bool claim, side_writes also) {
    boost::json::array told(also.outbox.begin(), also.outbox.end());
    bool working = lease_of(next.now) != nullptr;
    auto v = state_values(next);
    std::string sql = fmt::format(
        "with moved as (update tasks set state = $4, attempt = $5, round = $6, not_before = {}, commit_id = $8, "
        "verdict = $9, wait_reason = $10, wait_until = {}, give_up_at = {}, reason = $13, sentence = $14, "
        "facts = $15::jsonb, fence = fence + $3::bigint, changed_at = clock_timestamp(), "
        "lease_until = case when $16::boolean then clock_timestamp() + $17::bigint * interval '1 millisecond' end, "
        "lease_owner = case when $16::boolean then $18 end, conversation = coalesce($19::jsonb, conversation) "
        "where id = $1 and fence = $2 and state = $21 and ($3::bigint = 0 or lease_until is null or "
        "lease_until <= clock_timestamp()) returning id, fence), "
        "told as (insert into outbox (task_id, body) select moved.id, t.value from moved, "
        "jsonb_array_elements_text($20::jsonb) t), "
        "noted as (insert into task_events (task_id, fence, kind, body) select id, fence, 'state', "
        "jsonb_build_object('state', $4::text, 'attempt', $5::int, 'round', $6::int) from moved) "
        "select count(*) from moved",
        fmt::format(fmt::runtime(microseconds), 7), fmt::format(fmt::runtime(microseconds), 11),
        fmt::format(fmt::runtime(microseconds), 12));
    std::vector<param> p{was.task.id.str(), was.at.value ? std::to_string(was.at.value) : "0", claim ? "1" : "0"};
    p.insert(p.end(), v.begin(), v.end());
    p.insert(p.end(), {working ? "true" : "false", std::to_string(ttl_.count()), owner_, also.conversation,
                       boost::json::serialize(told), std::string(name_of(was.task.now))});
    try {
        auto r = co_await db_.query(sql, p);
        co_return r.number(0, 0) == 1;
    } catch (const store::db_error& e) {
        if (!e.unknown_outcome()) throw;
    }
    // The connection broke before the answer came. The row tells which of the two it was.
    auto now = co_await load(was.task.id);
    if (!now) co_return false;
    auto wanted = fence{was.at.value + (claim ? 1 : 0)};
    bool written = now->at == wanted && name_of(now->task.now) == name_of(next.now) && now->task.known == next.known;
    if (written && (claim || name_of(was.task.now) != name_of(next.now))) co_return true;
    if (now->at != was.at) co_return false;
    auto r = co_await db_.query(sql, p);
    co_return r.number(0, 0) == 1;
}

awaitable<bool> tasks::renew(task_id id, fence at) {
    auto r =
        co_await db_.query("update tasks set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond' "
                           "where id = $1 and fence = $2 and lease_until is not null",
                           {id.str(), std::to_string(at.value), std::to_string(ttl_.count())});
    co_return r.affected() == 1;
}

awaitable<void> tasks::note(task_id id, fence at, std::string kind, std::string body) {
    co_await db_.query("insert into task_events (task_id, fence, kind, body) "
                       "select id, fence, $3, $4::jsonb from tasks where id = $1 and fence = $2",
                       {id.str(), std::to_string(at.value), std::move(kind), std::move(body)});
}

} // namespace persais::queue
