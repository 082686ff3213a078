#include "queue/branches.hpp"

#include <boost/json.hpp>

namespace persais::queue {

awaitable<std::vector<task_id>> tasks_with_branches(store::pool& db, std::string remote,
                                                    std::vector<std::string> names) {
    auto r = co_await db.query("select id from tasks where remote = $1 and facts ->> 'branch' in (select "
                               "jsonb_array_elements_text($2::jsonb)) order by id",
                               {std::move(remote), boost::json::serialize(boost::json::value_from(names))});
    std::vector<task_id> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(task_id{r.number(i, 0)});
    co_return all;
}

awaitable<std::int64_t> tasks_held(store::pool& db) {
    auto r = co_await db.query("select count(*) from tasks where lease_until > clock_timestamp()");
    co_return r.number(0, 0);
}

} // namespace persais::queue
