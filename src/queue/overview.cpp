#include "queue/overview.hpp"

#include "queue/limits.hpp"

namespace persais::queue {

awaitable<overview> overview_of(store::pool& db) {
    auto r = co_await db.query(
        "select (select count(*) from tasks where lease_until is not null), "
        "(select count(*) from (select from tasks where state = 'queued' limit $1::bigint) q), "
        "(select count(*) from (select from tasks where state = 'waiting' limit $1::bigint) w), "
        "(select coalesce(sum(counted_usd), 0) from llm_calls where day = (now() at time zone 'utc')::date)",
        {std::to_string(limits::queue_counted)});
    overview all{.running = static_cast<int>(r.number(0, 0)),
                 .queued = static_cast<int>(r.number(0, 1)),
                 .waiting = static_cast<int>(r.number(0, 2)),
                 .spent_today = r.real(0, 3),
                 .errors = {}};
    auto e = co_await db.query(
        "select id from (select id, sentence, state, verdict, changed_at from tasks order by id desc limit "
        "500) t "
        "where sentence <> '' and coalesce(verdict, '') <> 'no_change' "
        "and changed_at > now() - interval '1 day' order by id desc limit 5");
    for (int i = 0; i < e.size(); ++i)
        all.errors.push_back({e.number(i, 0)});
    co_return all;
}

awaitable<std::vector<std::string>> models_used(store::pool& db, int most) {
    auto r = co_await db.query("select model from (select model, id from tasks order by id desc limit 200) t "
                               "group by model order by max(id) desc limit $1::bigint",
                               {std::to_string(most)});
    std::vector<std::string> all;
    for (int i = 0; i < r.size(); ++i)
        all.emplace_back(r.text(i, 0));
    co_return all;
}

} // namespace persais::queue
