#include "queue/api_tasks.hpp"

namespace persais::queue {

store::statement given_by_api(task_id id, std::int64_t person) {
    return {"insert into api_tasks (task_id, person) values ($1::bigint, $2::bigint)",
            {id.str(), std::to_string(person)}};
}

awaitable<std::optional<std::int64_t>> giver_of(store::pool& db, task_id id) {
    auto r = co_await db.query("select coalesce((select person_id from task_chats where task_id = $1::bigint), "
                               "(select person from api_tasks where task_id = $1::bigint), (select person from "
                               "forge_turns where task_id = $1::bigint and turn = 0))",
                               {id.str()});
    if (r.null(0, 0)) co_return std::nullopt;
    co_return r.number(0, 0);
}

awaitable<int> waiting_of(store::pool& db, std::int64_t person) {
    auto r =
        co_await db.query("select count(*) from (select task_id from task_chats where person_id = $1::bigint union "
                          "select task_id from api_tasks where person = $1::bigint union select task_id from "
                          "forge_turns where person = $1::bigint and turn = 0) c join tasks t on t.id = c.task_id "
                          "where t.state = 'queued' and t.fence = 0",
                          {std::to_string(person)});
    co_return static_cast<int>(r.number(0, 0));
}

store::statement keep_request(const keyed_request& what) {
    return {"insert into api_requests (person, key, digest, task_id, turn) values ($1, $2, $3::bytea, $4::bigint, "
            "$5::int)",
            {what.person, what.key, "\\x" + what.digest, what.task.str(), std::to_string(what.turn)}};
}

awaitable<std::optional<keyed_request>> kept_request(store::pool& db, std::string person, std::string key) {
    auto r = co_await db.query("select encode(digest, 'hex'), task_id, turn from api_requests where person = $1 and "
                               "key = $2",
                               {person, key});
    if (r.empty()) co_return std::nullopt;
    co_return keyed_request{.person = std::move(person),
                            .key = std::move(key),
                            .digest = std::string(r.text(0, 0)),
                            .task = {r.number(0, 1)},
                            .turn = static_cast<int>(r.number(0, 2))};
}

} // namespace persais::queue
