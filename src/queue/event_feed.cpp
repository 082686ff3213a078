#include "queue/event_feed.hpp"

#include "queue/queries.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::queue {

namespace {

std::string list_of(const std::vector<std::int64_t>& numbers) {
    return fmt::format("{{{}}}", fmt::join(numbers, ","));
}

} // namespace

awaitable<void> tell_events_to(store::pool& db, std::string process) {
    co_await db.query("with gone as (delete from event_streams where until < now()) insert into event_streams values "
                      "($1, now() + $2::bigint * interval '1 second') on conflict (process) do update set until = "
                      "excluded.until",
                      {process, std::to_string(std::chrono::seconds(limits::feed_told).count())});
}

awaitable<void> tell_no_events_to(store::pool& db, std::string process) {
    co_await db.query("delete from event_streams where process = $1", {process});
}

awaitable<feed_place> newest_event(store::pool& db) {
    auto r = co_await db.query(
        "with recent as (select number, at from task_events order by number desc limit $1::bigint) "
        "select coalesce((select max(number) from recent), 0), coalesce((select string_agg(n::text, ' ' order by n) "
        "from generate_series((select min(number) from recent where at > now() - $2::bigint * interval '1 second'), "
        "(select max(number) from recent)) n where not exists (select from recent where number = n)), '')",
        {std::to_string(limits::feed_missing), std::to_string(std::chrono::seconds(limits::feed_patience).count())});
    feed_place at{.number = r.number(0, 0)};
    std::string_view rest = r.text(0, 1);
    while (!rest.empty()) {
        auto end = rest.find(' ');
        at.missing.push_back(std::stoll(std::string(rest.substr(0, end))));
        rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    }
    co_return at;
}

awaitable<std::vector<fed_event>> events_of(store::pool& db, feed_range which) {
    auto r = co_await db.query(queries::events_after, {std::to_string(which.after.number), std::to_string(which.upto),
                                                       list_of(which.after.missing), list_of(which.but),
                                                       which.task ? store::param(which.task->str()) : std::nullopt,
                                                       std::to_string(limits::log_page)});
    std::vector<fed_event> all;
    for (int i = 0; i < r.size(); ++i) {
        fed_event one{
            .what = read_happening(r, i), .task = {r.number(i, 4)}, .remote = std::string(r.text(i, 5)), .giver = {}};
        if (!r.null(i, 6)) one.giver = r.number(i, 6);
        all.push_back(std::move(one));
    }
    co_return all;
}

} // namespace persais::queue
