// What is looked at.
#include "api/event_hub.hpp"
#include "api/event_stream.hpp"
#include "api/handlers.hpp"
#include "api/limits.hpp"
#include "api/problem.hpp"
#include "api/task_json.hpp"
#include "base/json.hpp"
#include "base/told.hpp"
#include "memory/recall.hpp"
#include "queue/costs.hpp"
#include "queue/listing.hpp"
#include "queue/people.hpp"
#include "service/people.hpp"
#include "service/repositories.hpp"

namespace persais::api {

namespace json = boost::json;

namespace {

http::response for_admins(bool russian) {
    return problem_of({service::refusal::reason::admins_only,
                       told<"Only an admin may look at that.", "Это может смотреть только администратор.">()},
                      russian);
}

bool is_admin(const asked& r) {
    return r.who.everywhere(r.with.settings) == service::role::admin;
}

/// The last day's end: the day behind it.
std::string day_after(const std::string& day) {
    std::chrono::year_month_day d{std::chrono::year(std::stoi(day.substr(0, 4))),
                                  std::chrono::month(static_cast<unsigned>(std::stoi(day.substr(5, 2)))),
                                  std::chrono::day(static_cast<unsigned>(std::stoi(day.substr(8, 2))))};
    std::chrono::year_month_day next = std::chrono::sys_days(d) + std::chrono::days(1);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(next.year()), static_cast<unsigned>(next.month()),
                       static_cast<unsigned>(next.day()));
}

queue::costs_of group_of(const std::string& by) {
    using enum queue::costs_of;
    if (by == "repository") return repository;
    if (by == "person") return person;
    if (by == "model") return model;
    return by == "task" ? task : day;
}

http::response no_diff(const service::task_diff& made, task_id id, bool russian) {
    using enum service::task_diff::kind;
    if (made.what == withheld)
        return problem(409,
                       told<"The change of task {} seems to have a credential in it, and is not shown here.",
                            "В изменении задачи {}, похоже, есть секрет, здесь оно не показывается.">(id.value),
                       russian, "withheld");
    if (made.what == elsewhere)
        return problem(409,
                       told<"The change of task {} is not on this machine: its branch is {}.",
                            "Изменения задачи {} на этой машине нет, его ветка: {}.">(id.value, made.branch),
                       russian, "elsewhere");
    return problem(404, told<"Task {} has made no change.", "Задача {} ничего не изменила.">(id.value), russian,
                   "no_change");
}

} // namespace

awaitable<http::response> list_tasks(asked& r) {
    queue::page_filter filter{.state = r.maybe("state"),
                              .remote = r.maybe("repository"),
                              .unsettled = flag_in(r.given, "unsettled"),
                              .most = static_cast<int>(whole_in(r.given, "limit").value_or(limits::api_page))};
    if (auto at = r.maybe("cursor")) filter.before = task_id{std::stoll(*at)};
    if (filter.remote && service::is_repository_name(*filter.remote)) {
        auto named = co_await service::find_repository(r.with.db, *filter.remote);
        if (!named) co_return problem_of(named.error(), r.russian);
        filter.remote = named->remote;
    }
    auto page = co_await r.with.tasks.list(r.who, std::move(filter));
    json::array all;
    for (const auto& each : page.tasks)
        all.push_back(summary_json(each));
    co_return json_response(
        200, {{"tasks", std::move(all)}, {"next", page.before ? json::value(page.before->str()) : json::value()}});
}

awaitable<http::response> task_response(asked& r, task_id id) {
    auto found = co_await r.with.tasks.look(r.who, id);
    if (!found) co_return problem_of(found.error(), r.russian);
    auto around = co_await queue::load_task_metadata(r.with.db, id);
    if (!around) co_return problem(404, told<"There is no task {}.", "Задачи {} нет.">(id.value), r.russian, "no_task");
    auto spent = co_await r.with.spent(id);
    auto turns = co_await r.with.requests.turns_of(id);
    auto approvals = co_await r.with.rules.approvals_of(id);
    auto given = co_await memory::given_to(r.with.db, id);
    co_return json_response(200, task_json({.task = std::move(found->row.task),
                                            .around = std::move(*around),
                                            .spent = spent,
                                            .turns = std::move(turns),
                                            .approvals = std::move(approvals),
                                            .given = std::move(given)}));
}

awaitable<http::response> get_task(asked& r) {
    return task_response(r, r.task());
}

awaitable<http::response> get_diff(asked& r) {
    auto found = co_await r.with.tasks.look(r.who, r.task());
    if (!found) co_return problem_of(found.error(), r.russian);
    auto range = r.text("range") == "last_turn" ? service::diff_range::last_turn : service::diff_range::whole;
    auto made = co_await r.with.diffs.read(found->row.task, r.text("commit"), range, limits::api_diff_bytes);
    if (made.what != service::task_diff::kind::there) co_return no_diff(made, r.task(), r.russian);
    co_return http::response{200,
                             {{"Content-Type", "text/x-diff"},
                              {"Cache-Control", "no-store"},
                              {"Persais-Commit", made.commit},
                              {"Persais-Diff-Cut", made.cut ? "true" : "false"}},
                             std::move(made.text)};
}

awaitable<http::response> get_log(asked& r) {
    auto found = co_await r.with.tasks.look(r.who, r.task());
    if (!found) co_return problem_of(found.error(), r.russian);
    auto after = whole_in(r.given, "after").value_or(0);
    auto page = co_await queue::happenings(r.with.db, r.task(), after);
    json::array all;
    for (const auto& each : page)
        all.push_back(happening_json(r.task(), each));
    bool more = page.size() == static_cast<std::size_t>(limits::log_page);
    auto next = page.empty() ? after : page.back().number;
    co_return json_response(200, {{"events", std::move(all)}, {"next", next}, {"more", more}});
}

awaitable<http::response> list_repositories(asked& r) {
    json::array all;
    for (const auto& each : co_await queue::repositories_of(r.with.db))
        if (r.who.in(each.remote, r.with.settings) != service::role::stranger)
            all.push_back(is_admin(r) ? repository_json(each)
                                      : json::object{{"name", each.name}, {"remote", each.remote}});
    co_return json_response(200, {{"repositories", std::move(all)}});
}

awaitable<http::response> list_people(asked& r) {
    if (!is_admin(r)) co_return for_admins(r.russian);
    json::array all;
    for (const auto& each : co_await queue::team(r.with.db))
        all.push_back(person_json(each));
    co_return json_response(200, {{"people", std::move(all)}});
}

awaitable<http::response> get_costs(asked& r) {
    if (!is_admin(r)) co_return for_admins(r.russian);
    auto by = r.maybe("by").value_or("day");
    auto since = r.maybe("since"), until = r.maybe("until");
    if (until) until = day_after(*until);
    json::array all;
    for (const auto& each : co_await queue::costs(r.with.db, group_of(by), since, until))
        all.push_back(cost_json(by, each));
    co_return json_response(200, {{"costs", std::move(all)}});
}

awaitable<http::response> get_self(asked& r) {
    json::array scopes;
    for (auto each : r.who.scopes)
        scopes.emplace_back(service::name_of(each));
    co_return json_response(200, {{"token", r.who.token},
                                  {"person", r.who.by()},
                                  {"role", service::name_of(r.who.everywhere(r.with.settings))},
                                  {"scopes", std::move(scopes)}});
}

awaitable<> stream_task(asked& r, http::responder& to) {
    auto found = co_await r.with.tasks.look(r.who, r.task());
    if (!found) {
        auto no = problem_of(found.error(), r.russian);
        co_await to.send(no.status, std::move(no.fields), std::move(no.body));
        co_return;
    }
    co_await stream_events(r, to, r.task());
}

awaitable<> stream_all(asked& r, http::responder& to) {
    return stream_events(r, to, std::nullopt);
}

} // namespace persais::api
