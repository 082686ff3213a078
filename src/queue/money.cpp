#include "queue/money.hpp"

#include "queue/queries.hpp"
#include "queue/tasks.hpp"

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::queue {

using store::param;
using store::statement;

namespace {

std::string day_of(time_point now) {
    return fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::days>(now));
}

param dollars(const std::optional<double>& usd) {
    return usd ? param(fmt::format("{:.9f}", *usd)) : param();
}

std::optional<double> real(const store::rows& r, int row, int column) {
    return r.null(row, column) ? std::nullopt : std::optional(r.real(row, column));
}

budget_state read_state(const store::rows& r, int row) {
    return {.budget = {.of = {std::string(r.text(row, 0)), std::string(r.text(row, 1))},
                       .day_usd = real(r, row, 2),
                       .month_usd = real(r, row, 3),
                       .waiting = r.null(row, 4) ? std::nullopt : std::optional(static_cast<int>(r.number(row, 4)))},
            .now = {r.real(row, 5), r.real(row, 6)}};
}

awaitable<std::vector<budget_state>> states(store::pool& db, time_point now, std::string owners) {
    auto r = co_await db.query(queries::budget_states, {std::move(owners), day_of(now)});
    std::vector<budget_state> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_state(r, i));
    co_return all;
}

} // namespace

statement set_budget(const own_budget& what, const std::string& by) {
    return {queries::set_budget,
            {what.of.kind, what.of.name, dollars(what.day_usd), dollars(what.month_usd),
             what.waiting ? param(std::to_string(*what.waiting)) : param(), by}};
}

statement drop_budget(const owner& of, const std::string& by) {
    return {
        "with gone as (delete from budgets where kind = $1 and name = $2 returning 1) insert into audit (person, "
        "remote, what, by, commit_id, anyway, detail) select case when $1 = 'person' and $2 ~ '^[0-9]+$' then "
        "$2::bigint end, "
        "case when $1 = 'repository' then $2 else '' end, 'budget_set', $3, '', false, 'none' from gone returning 1",
        {of.kind, of.name, by}};
}

awaitable<std::vector<budget_state>> own_budgets(store::pool& db, time_point now) {
    return states(db, now, "null");
}

awaitable<standing_money> money_of(store::pool& db, time_point now, std::vector<owner> owners) {
    boost::json::array asked{boost::json::object{{"kind", ""}, {"name", ""}}};
    for (const auto& each : owners)
        asked.push_back(boost::json::object{{"kind", each.kind}, {"name", each.name}});
    auto found = co_await states(db, now, boost::json::serialize(asked));
    standing_money all{.all = found.at(0).now, .owners = {}};
    all.owners.assign(std::make_move_iterator(found.begin() + 1), std::make_move_iterator(found.end()));
    co_return all;
}

awaitable<std::optional<int>> may_wait_of(store::pool& db, std::int64_t person) {
    auto r =
        co_await db.query("select waiting from budgets where kind = 'person' and name = $1", {std::to_string(person)});
    co_return r.empty() || r.null(0, 0) ? std::nullopt : std::optional(static_cast<int>(r.number(0, 0)));
}

awaitable<std::optional<pause_state>> paused(store::pool& db) {
    auto r = co_await db.query("select by, (extract(epoch from since) * 1000000)::bigint from pause");
    if (r.empty()) co_return std::nullopt;
    co_return pause_state{std::string(r.text(0, 0)), time_point(std::chrono::microseconds(r.number(0, 1)))};
}

statement begin_pause(const std::string& by) {
    return {"with made as (insert into pause (by) values ($1) on conflict do nothing returning 1) insert into audit "
            "(remote, what, by, commit_id, anyway) select '', 'paused', $1, '', false from made returning "
            "pg_notify($2, $3)",
            {by, channel, pause_changed}};
}

statement end_pause(const std::string& by) {
    return {"select gone, woken from end_pause($1, $2, $3)", {by, channel, pause_changed}};
}

statement wake_for_money() {
    return {
        "with woken as (update tasks set wait_until = now() where state = 'waiting' and wait_reason in ('day_budget', "
        "'month_budget') returning id) select count(*), case when count(*) > 0 then pg_notify($1, '') end from woken",
        {channel}};
}

awaitable<std::vector<budget_warning>> untold_warnings(store::pool& db) {
    auto r = co_await db.query("select budget, whose, since::text, counted_usd::float8, budget_usd::float8 from "
                               "budget_warnings where told_at is null order by since, budget, whose");
    std::vector<budget_warning> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({std::string(r.text(i, 0)), std::string(r.text(i, 1)), std::string(r.text(i, 2)), r.real(i, 3),
                       r.real(i, 4)});
    co_return all;
}

statement warning_told(const budget_warning& what) {
    return {"select budget_told($1, $2, $3::date)", {what.budget, what.whose, what.since}};
}

} // namespace persais::queue
