#include "queue/audit.hpp"

#include "queue/limits.hpp"

#include <boost/json.hpp>

namespace persais::queue {

awaitable<std::vector<audited>> audit_of(store::pool& db, std::optional<task_id> task, int most) {
    std::string columns = "select (extract(epoch from at) * 1000000)::bigint, task_id, remote, what, by, commit_id, "
                          "anyway, person, detail from audit ";
    auto r = task ? co_await db.query(columns + "where task_id = $2 order by id desc limit $1::bigint",
                                      {std::to_string(most), task->str()})
                  : co_await db.query(columns + "order by id desc limit $1::bigint", {std::to_string(most)});
    std::vector<audited> all;
    for (int i = 0; i < r.size(); ++i) {
        audited row{.at = time_point(std::chrono::microseconds(r.number(i, 0))),
                    .task = {},
                    .person = {},
                    .remote = std::string(r.text(i, 2)),
                    .what = std::string(r.text(i, 3)),
                    .by = std::string(r.text(i, 4)),
                    .commit = std::string(r.text(i, 5)),
                    .anyway = r.boolean(i, 6),
                    .detail = std::string(r.text(i, 8))};
        if (!r.null(i, 1)) row.task = task_id{r.number(i, 1)};
        if (!r.null(i, 7)) row.person = r.number(i, 7);
        all.push_back(std::move(row));
    }
    co_return all;
}

awaitable<int> record_rights(store::pool& db, std::vector<right_by_setting> now) {
    boost::json::array all;
    for (auto& each : now)
        all.push_back(boost::json::object{
            {"setting", std::move(each.setting)}, {"holder", std::move(each.holder)}, {"rule", std::move(each.rule)}});
    const std::vector<store::param> rights{boost::json::serialize(all)};
    std::optional<store::rows> answer;
    try {
        answer = co_await db.query("select rights_record($1::jsonb)", rights);
    } catch (const store::db_error& e) {
        if (!e.unknown_outcome()) throw;
    }
    if (!answer) answer = co_await db.query("select rights_record($1::jsonb)", rights); // what was written is no news
    co_return static_cast<int>(answer->number(0, 0));
}

awaitable<std::vector<lane>> lanes_of(store::pool& db) {
    // Whoever landed last stands in `landings` still: it has the lane only while somebody works on it.
    auto r = co_await db.query(
        "select t.remote, t.id, facts #>> '{lands,what}' = 'roll_back', l.task_id is not null as has from tasks t "
        "left join landings l on l.task_id = t.id and l.remote = t.remote "
        "and t.state in ('deploying', 'rolling_back') and t.lease_until > clock_timestamp() "
        "where facts ? 'lands' order by t.remote, has desc, (facts #>> '{lands,asked_us}')::bigint, t.id "
        "limit $1::bigint",
        {std::to_string(limits::landings_shown)});
    std::vector<lane> all;
    for (int i = 0; i < r.size(); ++i) {
        if (all.empty() || all.back().remote != r.text(i, 0)) all.push_back({.remote = std::string(r.text(i, 0))});
        auto& last = all.back();
        task_id id{r.number(i, 1)};
        if (r.boolean(i, 3)) {
            last.has = id;
            last.back = r.boolean(i, 2);
        } else {
            last.waiting.push_back(id);
        }
    }
    co_return all;
}

} // namespace persais::queue
