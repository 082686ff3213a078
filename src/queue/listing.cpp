#include "queue/listing.hpp"

#include "base/json.hpp"
#include "queue/codec.hpp"
#include "queue/limits.hpp"
#include "queue/queries.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::queue {

namespace json = boost::json;

namespace {

time_point when(const store::rows& r, int row, int column) {
    return time_point(std::chrono::microseconds(r.number(row, column)));
}

happening state_of(const json::object& body) {
    happening h{.state = text_in(body, "state")};
    h.text = h.state;
    auto state = mechanic::state_from(h.state);
    bool steps = state && mechanic::sequence_of(*state) && !mechanic::round_of(*state); // of a landing, not rounds
    for (auto [key, to] : {std::pair("attempt", &h.attempt), std::pair("round", &h.round)})
        if (auto n = whole_in(body, key); n && !(steps && to == &h.round)) {
            *to = static_cast<int>(*n);
            h.text += fmt::format(", {} {}", key, *to);
        }
    return h;
}

happening words_of(const json::object& body) {
    happening h{.text = text_in(body, "text")};
    if (auto what = mechanic::progress_kind_from(text_in(body, "doing")))
        h.doing = mechanic::progress{*what, text_in(body, "subject")};
    return h;
}

summary read_summary(const store::rows& r, int i) {
    return {.id = {r.number(i, 0)},
            .created = when(r, i, 1),
            .changed = when(r, i, 2),
            .state = std::string(r.text(i, 3)),
            .verdict = std::string(r.text(i, 4)),
            .wait_reason = std::string(r.text(i, 5)),
            .round = static_cast<int>(r.number(i, 6)),
            .abort_wished = r.boolean(i, 7),
            .remote = std::string(r.text(i, 8)),
            .instruction = std::string(r.text(i, 9)),
            .branch = std::string(r.text(i, 10)),
            .cost_usd = r.real(i, 11)};
}

} // namespace

happening read_happening(const store::rows& r, int i) {
    auto kind = std::string(r.text(i, 2));
    auto parsed = json::parse(r.text(i, 3));
    const auto& body = parsed.as_object();
    auto h = kind == "state" ? state_of(body) : words_of(body);
    h.number = r.number(i, 0);
    h.at = when(r, i, 1);
    h.kind = std::move(kind);
    return h;
}

awaitable<std::vector<summary>> list(store::pool& db, list_filter what) {
    std::vector<std::string> whole, recent;
    for (auto& name : mechanic::state_names()) {
        auto s = *mechanic::state_from(name);
        if ((what.state && *what.state != name) || (what.unsettled && mechanic::is_settled(s))) continue;
        (what.ended_within && mechanic::is_final(s) ? recent : whole).push_back(std::move(name));
    }
    auto r =
        co_await db.query(queries::list_tasks,
                          {fmt::format("{{{}}}", fmt::join(whole, ",")), fmt::format("{{{}}}", fmt::join(recent, ",")),
                           std::to_string(what.ended_within.value_or(std::chrono::seconds(0)).count()),
                           std::to_string(what.most), what.verdict, std::to_string(limits::list_sorted)});
    std::vector<summary> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_summary(r, i));
    co_return all;
}

awaitable<std::vector<listed_task>> page_of_tasks(store::pool& db, page_filter what) {
    std::vector<std::string> states;
    for (auto& name : mechanic::state_names()) {
        bool other = what.state && *what.state != name;
        if (!other && !(what.unsettled && mechanic::is_settled(*mechanic::state_from(name)))) states.push_back(name);
    }
    auto before = what.before ? store::param(what.before->str()) : std::nullopt;
    auto r =
        co_await db.query(queries::page_of_tasks, {before, fmt::format("{{{}}}", fmt::join(states, ",")), what.remote,
                                                   store::opt(what.giver), std::to_string(what.most)});
    std::vector<listed_task> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({read_summary(r, i), r.null(i, 12) ? std::nullopt : std::optional(r.number(i, 12))});
    co_return all;
}

awaitable<std::optional<task_id>> newest(store::pool& db) {
    auto r = co_await db.query("select id from tasks order by id desc limit 1");
    if (r.empty()) co_return std::nullopt;
    co_return task_id{r.number(0, 0)};
}

awaitable<std::optional<task_id>> newest_deployed(store::pool& db) {
    // A rollback that came to nothing changes a task, and deploys nothing. The index leaves out what is under way.
    auto r = co_await db.query("select id from tasks where state = 'deployed' and lease_until is null order by "
                               "(select max(a.id) from audit a where a.task_id = tasks.id and a.what = 'deployed') "
                               "desc nulls last, changed_at desc limit 1");
    if (r.empty()) co_return std::nullopt;
    co_return task_id{r.number(0, 0)};
}

awaitable<std::optional<task_metadata>> load_task_metadata(store::pool& db, task_id id) {
    auto r = co_await db.query(queries::task_metadata, {id.str()});
    if (r.empty()) co_return std::nullopt;
    task_metadata c{.read_at = when(r, 0, 0),
                    .created = when(r, 0, 1),
                    .changed = when(r, 0, 2),
                    .asked = when(r, 0, 7),
                    .abort_wished = r.boolean(0, 3),
                    .told = std::string(r.text(0, 4))};
    if (!r.null(0, 5)) c.retried_as = task_id{r.number(0, 5)};
    c.kept_replies = static_cast<int>(r.number(0, 6));
    co_return c;
}

awaitable<std::vector<happening>> happenings(store::pool& db, task_id id, std::int64_t after) {
    auto r = co_await db.query("select number, (extract(epoch from at) * 1000000)::bigint, kind, body from task_events "
                               "where task_id = $1 and number > $2::bigint order by number limit $3::bigint",
                               {id.str(), std::to_string(after), std::to_string(limits::log_page)});
    std::vector<happening> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_happening(r, i));
    co_return all;
}

} // namespace persais::queue
