#include "memory/twins.hpp"

#include "memory/queries.hpp"

namespace persais::memory {

awaitable<std::vector<twin>> twins_of(store::pool& db, std::string remote, std::string asked,
                                      std::optional<task_id> except, int most) {
    auto r = co_await db.query(queries::twins,
                               {std::move(remote), std::move(asked),
                                except ? store::param(except->str()) : store::param(), std::to_string(most)});
    std::vector<twin> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(
            {task_id{r.number(i, 0)}, time_point(std::chrono::microseconds(r.number(i, 1))), r.boolean(i, 2)});
    co_return all;
}

} // namespace persais::memory
