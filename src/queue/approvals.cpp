// Who agreed that a result is landed, and what is known of them.
#include "queue/approvals.hpp"

#include "mechanic/step.hpp"
#include "queue/limits.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/queries.hpp"

#include <charconv>

namespace persais::queue {

namespace {

std::int64_t number_in(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// "123 deployer you/shop"; without the last word it is everywhere.
landing_record::grant grant_in(std::string_view text) {
    auto first = text.find(' '), second = text.find(' ', first + 1);
    return {.person = number_in(text.substr(0, first)),
            .repository = std::string(text.substr(second + 1)),
            .role = std::string(text.substr(first + 1, second - first - 1))};
}

} // namespace

awaitable<landing_record> pg_tasks::landing_record_of(task_id id, std::string by) {
    auto r = co_await db_.query(queries::landing_record,
                                {id.str(), std::move(by), std::string(mechanic::order_to_solve_begins)});
    landing_record known;
    for (int i = 0; i < r.size(); ++i) {
        auto kind = r.text(i, 0), said = r.text(i, 1);
        if (kind == "asked") known.asked_by.emplace_back(said);
        if (kind == "approved") known.approved_by.emplace_back(said);
        if (kind == "plainly") known.plainly_by.emplace_back(said);
        if (kind == "told") known.told_of.emplace_back(said);
        if (kind == "admin") known.admins.push_back(number_in(said));
        if (kind == "let_in") known.let_in.push_back(number_in(said));
        if (kind == "grant") known.grants.push_back(grant_in(said));
        if (kind != "factor") continue;
        known.factor_set_up = true;
        if (auto ago = r.number(i, 2); ago >= 0)
            known.proved = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::microseconds(ago));
    }
    co_return known;
}

awaitable<bool> pg_tasks::approve(task_id id, std::string commit, std::string by, bool anyway) {
    const std::string ask = "select landing_approve($1, $2, $3, $4)";
    const std::vector<store::param> of{id.str(), std::move(commit), std::move(by), anyway ? "true" : "false"};
    std::optional<store::rows> answer;
    try {
        answer = co_await db_.query(ask, of);
    } catch (const store::db_error& e) {
        if (!e.unknown_outcome()) throw;
    }
    if (!answer) answer = co_await db_.query(ask, of); // once more is as once
    co_return answer->boolean(0, 0);
}

awaitable<std::vector<task_id>> tasks_with_approvals(store::pool& db) {
    auto r = co_await db.query("select task_id from approvals group by task_id order by min(at) limit $1::bigint",
                               {std::to_string(limits::landings_shown)});
    std::vector<task_id> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(task_id{r.number(i, 0)});
    co_return all;
}

store::statement approval_told(task_id id, std::string by) {
    return {"update approvals set told = true where task_id = $1 and person = $2", {id.str(), std::move(by)}};
}

} // namespace persais::queue
