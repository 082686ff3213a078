#include "llm/ledger.hpp"

#include "llm/limits.hpp"

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace {

std::string timestamp(time_point t) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S}+00", t); // %S writes microseconds, because time_point counts them
}

std::string day(time_point t) {
    return fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::days>(t));
}

std::string ids(const std::set<std::int64_t>& some) {
    return fmt::format("{{{}}}", fmt::join(some, ","));
}

/// A budget of more than the column holds is as good as none.
std::string budget(double usd) {
    return fmt::format("{:.9f}", std::clamp(usd, 0.0, 9'999'999.0));
}

/// As text, because the table's numeric keeps all digits.
boost::json::value dollars(const std::optional<double>& usd) {
    return usd ? boost::json::value(fmt::format("{:.15f}", *usd)) : boost::json::value();
}

cause budget_named(std::string_view name) {
    if (name == "task_budget") return cause::task_budget;
    if (name == "day_budget") return cause::day_budget;
    if (name == "month_budget") return cause::month_budget;
    return name == "paused" ? cause::paused : cause::none;
}

std::vector<ledger::left_over> read_left(const store::rows& rows) {
    std::vector<ledger::left_over> out;
    for (int i = 0; i < rows.size(); ++i)
        out.push_back({rows.number(i, 0), std::string(rows.text(i, 1)), std::string(rows.text(i, 2))});
    return out;
}

} // namespace

awaitable<ledger::reservation> ledger::reserve(ask what) {
    auto now = time_.now();
    auto got = co_await reserving_.ask(
        {{"task", what.task.value},
         {"day", day(now)},
         {"now", timestamp(now)},
         {"model", what.model},
         {"prompt_tokens", what.prices.prompt_tokens},
         {"most_tokens", what.most_tokens},
         {"least_tokens", limits::model_output_tokens_least},
         {"prompt_usd", dollars(what.prices.prompt_usd)},
         {"answer_token_usd", dollars(what.prices.answer_token_usd)},
         {"task_budget", budget(what.task_budget_usd)},
         {"day_budget", budget(what.day_budget_usd)},
         {"month_budget",
          what.month_budget_usd ? boost::json::value(budget(*what.month_budget_usd)) : boost::json::value()},
         {"repository", what.repository}});
    reservation r{.refused = budget_named(got.verdict), .of = {got.whose, got.usd}, .warned = got.warned};
    if (r.refused != cause::none) co_return r;
    r.call = got.call;
    r.tokens = got.tokens;
    r.shrunk_by = budget_named(got.shrunk_by);
    co_return r;
}

awaitable<> ledger::note(std::int64_t call, std::string generation) {
    co_await db_.query("update llm_calls set generation = $2 where id = $1::bigint and state = 'reserved'",
                       {std::to_string(call), std::move(generation)});
}

awaitable<bool> ledger::paused() {
    co_return !(co_await db_.query("select from pause")).empty();
}

awaitable<bool> ledger::settle(std::int64_t call, bill cost, std::string outcome) {
    auto told = std::pair(outcome, cost);
    auto rows = co_await db_.query(
        "update llm_calls set state = 'settled', settled_at = $2::timestamptz, settled_by = $3, outcome = $4, "
        "cost_usd = $5::numeric, tokens_sent = $6::bigint, tokens_received = $7::bigint, tokens_cached = $8::bigint "
        "where id = $1::bigint and (state = 'reserved' or settled_by = 'reservation') "
        "returning above_reservation and priced, reserved_usd, task",
        {std::to_string(call), timestamp(time_.now()), std::move(cost.by), std::move(outcome),
         fmt::format("{}", cost.cost_usd), std::to_string(cost.tokens.sent), std::to_string(cost.tokens.received),
         std::to_string(cost.tokens.cached)});
    bool now = !rows.empty();
    if (now && rows.boolean(0, 0)) {
        excess by{task_id{rows.number(0, 2)}, call, told.second.cost_usd, rows.real(0, 1)};
        spdlog::warn("model call {} cost ${}, more than the ${} that were reserved for it", call, by.cost_usd,
                     by.reserved_usd);
        if (exceeded) exceeded(by);
    }
    if (now && settled) settled(told.first, told.second);
    co_return now;
}

awaitable<bool> ledger::settle_at_reservation(std::int64_t call, std::string outcome) {
    auto rows = co_await db_.query(
        "update llm_calls set state = 'settled', settled_at = $2::timestamptz, settled_by = 'reservation', outcome = "
        "$3, "
        "cost_usd = reserved_usd, tokens_sent = 0, tokens_received = 0 where id = $1::bigint and state = 'reserved'",
        {std::to_string(call), timestamp(time_.now()), std::move(outcome)});
    co_return rows.affected() == 1;
}

awaitable<spent> ledger::spent_by(task_id task, std::set<std::int64_t> under_way) {
    auto rows = co_await db_.query(
        "select coalesce(sum(tokens_sent), 0)::bigint, coalesce(sum(tokens_received), 0)::bigint, "
        "coalesce(sum(counted_usd), 0)::float8, "
        "coalesce(bool_or(state = 'reserved' or settled_by in ('prices', 'tokens', 'reservation')), false), count(*), "
        "coalesce(sum(tokens_cached), 0)::bigint "
        "from llm_calls where task = $1::bigint and not (state = 'reserved' and id = any ($2::bigint[]))",
        {task.str(), ids(under_way)});
    spent s;
    s.tokens_sent = rows.number(0, 0);
    s.tokens_received = rows.number(0, 1);
    s.cost_usd = rows.real(0, 2);
    s.estimated = rows.boolean(0, 3);
    s.calls = static_cast<int>(rows.number(0, 4));
    s.tokens_cached = rows.number(0, 5);
    co_return s;
}

awaitable<std::vector<ledger::left_over>> ledger::left_by(task_id task, std::set<std::int64_t> not_these) {
    co_return read_left(
        co_await db_.query("select id, coalesce(generation, ''), model from llm_calls "
                           "where task = $1::bigint and state = 'reserved' and id <> all ($2::bigint[]) order by id",
                           {task.str(), ids(not_these)}));
}

awaitable<std::vector<ledger::left_over>> ledger::stale(std::set<std::int64_t> not_these) {
    auto before = timestamp(time_.now() - limits::model_reservation_stale);
    co_return read_left(co_await db_.query(
        "select id, coalesce(generation, ''), model from llm_calls where state = 'reserved' "
        "and reserved_at < $1::timestamptz and id <> all ($2::bigint[]) order by reserved_at limit $3::int",
        {before, ids(not_these), std::to_string(limits::model_settle_batch)}));
}

} // namespace persais::llm
