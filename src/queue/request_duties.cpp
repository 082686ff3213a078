#include "queue/request_duties.hpp"

#include "queue/limits.hpp"

namespace persais::queue {

awaitable<std::vector<request_duty>> claim_request_duties(store::pool& db, std::chrono::seconds hold) {
    auto r =
        co_await db.query("update request_duties set next_try = clock_timestamp() + make_interval(secs => $1) "
                          "where task_id in (select task_id from request_duties where next_try <= clock_timestamp() "
                          "order by next_try limit $2 for update skip locked) "
                          "returning task_id, wish, state, since::text, "
                          "(extract(epoch from since) * 1000000)::bigint, tries",
                          {std::to_string(hold.count()), std::to_string(limits::request_duties_at_once)});
    std::vector<request_duty> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({{r.number(i, 0)},
                       r.text(i, 1) == "close",
                       std::string(r.text(i, 2)),
                       std::string(r.text(i, 3)),
                       r.number(i, 4),
                       static_cast<int>(r.number(i, 5))});
    co_return all;
}

awaitable<void> end_request_duty(store::pool& db, request_duty what) {
    co_await db.query("delete from request_duties where task_id = $1 and since = $2::timestamptz",
                      {what.task.str(), what.since});
}

awaitable<void> put_off_request_duty(store::pool& db, request_duty what, std::chrono::seconds pause) {
    co_await db.query("update request_duties set tries = tries + 1, next_try = clock_timestamp() + "
                      "make_interval(secs => $3) where task_id = $1 and since = $2::timestamptz",
                      {what.task.str(), what.since, std::to_string(pause.count())});
}

awaitable<std::optional<std::chrono::milliseconds>> next_request_duty(store::pool& db) {
    // GREATEST passes NULL over, so that an empty table would be due at once.
    auto r = co_await db.query("select ceil(greatest(0, extract(epoch from min(next_try) - clock_timestamp())) * "
                               "1000)::bigint from request_duties having count(*) > 0");
    if (r.size() == 0) co_return std::nullopt;
    co_return std::chrono::milliseconds(r.number(0, 0));
}

} // namespace persais::queue
