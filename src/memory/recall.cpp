#include "memory/recall.hpp"

#include "base/text.hpp"
#include "memory/framed.hpp"
#include "memory/limits.hpp"
#include "memory/queries.hpp"

#include <algorithm>
#include <span>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::memory {

awaitable<std::vector<item>> recall::about(std::string remote, std::string asked, std::optional<task_id> except,
                                           int most) {
    co_return items_in(co_await db_.query(queries::recall, {std::move(remote), std::move(asked),
                                                            except ? store::param(except->str()) : store::param(),
                                                            std::to_string(most)}));
}

awaitable<void> recall::give(task_id to, int turn, std::string remote, std::string asked) {
    std::string ids;
    for (const auto& each : that_fit(co_await about(std::move(remote), std::move(asked), to, limits::recalled_items)))
        ids += (ids.empty() ? "" : ",") + std::to_string(each.id);
    auto number = std::to_string(turn);
    co_await db_.transact(
        {{"delete from memory_given where task_id = $1 and turn = $2::int", {to.str(), number}},
         // What was forgotten meanwhile is not there to be named.
         {"insert into memory_given (task_id, turn, place, item) select $1, $2::int, n, m.id from unnest($3::bigint[]) "
          "with ordinality u(id, n) join memory_items m on m.id = u.id",
          {to.str(), number, "{" + ids + "}"}}});
}

awaitable<std::string> recall::given(task_id to, int turn, std::string remote) {
    co_return framed(items_in(co_await db_.query(
        fmt::format("select {} from memory_items join memory_given g on g.item = id and g.task_id = $1 and g.turn = "
                    "$2::int where remote = $3 and untrue_because is null order by g.place",
                    item_columns),
        {to.str(), std::to_string(turn), std::move(remote)})));
}

awaitable<void> recall::worked(task_id of, std::string commit, std::vector<std::string> paths) {
    boost::json::array some;
    for (const auto& path : std::span(paths).first(std::min(paths.size(), limits::paths_remembered)))
        some.emplace_back(text::cut(text::printable(path), limits::path_remembered_bytes));
    co_await db_.query("insert into memory_worked (task_id, commit_id, paths) select $1, $2, array(select "
                       "jsonb_array_elements_text($3::jsonb)) on conflict (task_id) do update set commit_id = "
                       "excluded.commit_id, paths = excluded.paths",
                       {of.str(), std::move(commit), boost::json::serialize(some)});
}

awaitable<std::vector<item>> given_to(store::pool& db, task_id id) {
    co_return items_in(co_await db.query(
        fmt::format("select {} from memory_items join memory_given g on g.item = id where g.task_id = $1 and g.turn = "
                    "(select coalesce((facts ->> 'turn')::int, 0) from tasks where id = $1) order by g.place",
                    item_columns),
        {id.str()}));
}

} // namespace persais::memory
