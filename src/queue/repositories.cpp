#include "queue/repositories.hpp"

#include "base/json.hpp"
#include "mechanic/step.hpp"
#include "queue/bytes.hpp"
#include "queue/codec.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::queue {

using store::param;
using store::statement;
namespace json = boost::json;

namespace {

constexpr auto select_repositories =
    "select id, name, remote, base_branch, setup, check_command, parallel, to_jsonb(allow), to_jsonb(protect), forge, "
    "api_url, land, to_jsonb(models), zero_retention, no_collection, environment_for, token, intake, (select "
    "jsonb_agg(jsonb_build_array(e.name, e.sealed::text) order by e.name) from repository_environment e where "
    "e.repository = r.id) from repositories r ";

reaches reaches_from(std::string_view word) {
    if (word == "setup") return reaches::setup;
    return word == "checks" ? reaches::checks : reaches::nobody;
}

std::vector<std::string> texts(std::string_view list) {
    std::vector<std::string> all;
    for (const auto& each : json::parse(list).as_array())
        all.emplace_back(std::string_view(each.as_string()));
    return all;
}

repository read_repository(const store::rows& r, int row) {
    auto text = [&](int column) {
        return r.null(row, column) ? std::nullopt : std::optional(std::string(r.text(row, column)));
    };
    repository all{.id = r.number(row, 0),
                   .name = std::string(r.text(row, 1)),
                   .remote = std::string(r.text(row, 2)),
                   .base_branch = text(3),
                   .setup = text(4),
                   .check = text(5),
                   .parallel = r.null(row, 6) ? std::nullopt : std::optional(static_cast<int>(r.number(row, 6))),
                   .allow = texts(r.text(row, 7)),
                   .protect = texts(r.text(row, 8)),
                   .forge = text(9),
                   .api = text(10),
                   .land = text(11),
                   .models = texts(r.text(row, 12)),
                   .zero_retention = r.boolean(row, 13),
                   .no_collection = r.boolean(row, 14),
                   .intake = r.boolean(row, 17),
                   .environment_for = reaches_from(r.text(row, 15))};
    if (!r.null(row, 16)) all.sealed_token = from_bytea(r.text(row, 16));
    if (!r.null(row, 18))
        for (const auto& pair : json::parse(r.text(row, 18)).as_array())
            all.environment.push_back({std::string(std::string_view(pair.as_array().at(0).as_string())),
                                       from_bytea(std::string_view(pair.as_array().at(1).as_string()))});
    return all;
}

/// A change, and the row of the audit for it. `changes` returns the repository's remote, or no row.
statement audited(std::string_view changes, std::vector<param> params, std::string_view what,
                  change_of_repository why) {
    auto n = params.size();
    params.insert(params.end(), {std::move(why.by), std::move(why.detail)});
    return {fmt::format("with changed as ({}) insert into audit (remote, what, by, commit_id, anyway, detail) select "
                        "remote, '{}', ${}, '', false, ${} from changed",
                        changes, what, n + 1, n + 2),
            std::move(params)};
}

std::string_view type_of(column::type is) {
    switch (is) {
    case column::type::number:
        return "integer";
    case column::type::flag:
        return "boolean";
    case column::type::text:
    case column::type::list:
        break;
    }
    return "text";
}

} // namespace

std::string_view to_string(reaches whom) {
    switch (whom) {
    case reaches::setup:
        return "setup";
    case reaches::checks:
        return "checks";
    case reaches::nobody:
        break;
    }
    return "nobody";
}

awaitable<std::vector<repository>> repositories_of(store::pool& db) {
    auto r = co_await db.query(std::string(select_repositories) + "order by name");
    std::vector<repository> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_repository(r, i));
    co_return all;
}

awaitable<std::optional<repository>> repository_named(store::pool& db, std::string name) {
    auto r = co_await db.query(std::string(select_repositories) +
                                   "where lower(name) = lower($1) or remote = $1 order by name = $1 desc limit 1",
                               {std::move(name)});
    if (r.empty()) co_return std::nullopt;
    co_return read_repository(r, 0);
}

statement add_repository(const repository& what, std::string by) {
    auto person = by.find_first_not_of("0123456789") == by.npos && !by.empty() ? param(by) : param();
    return audited("insert into repositories (name, remote, base_branch, setup, check_command, token, added_by) "
                   "values ($1, $2, $3, $4, $5, $6::bytea, $7::bigint) returning remote",
                   {what.name, what.remote, what.base_branch, what.setup, what.check,
                    what.sealed_token ? param(bytea(*what.sealed_token)) : param(), person},
                   "repository_added", {std::move(by), what.name});
}

statement set_column(std::int64_t id, column which, std::optional<std::string> value, change_of_repository why) {
    // What has no value is the column's default, which not every column has as null.
    auto given = value ? fmt::format("$2::{}", type_of(which.is)) : std::string("default");
    std::vector<param> params{std::to_string(id)};
    if (value) params.emplace_back(std::move(value));
    return audited(
        fmt::format("update repositories set {} = {} where id = $1::bigint returning remote", which.name, given),
        std::move(params), "repository_changed", std::move(why));
}

statement set_list(std::int64_t id, column which, const std::vector<std::string>& values, change_of_repository why) {
    return audited(fmt::format("update repositories set {} = array(select jsonb_array_elements_text($2::jsonb)) where "
                               "id = $1::bigint returning remote",
                               which.name),
                   {std::to_string(id), json::serialize(json::value_from(values))}, "repository_changed",
                   std::move(why));
}

statement set_token(std::int64_t id, const std::optional<std::string>& sealed, change_of_repository why) {
    return audited("update repositories set token = $2::bytea where id = $1::bigint returning remote",
                   {std::to_string(id), sealed ? param(bytea(*sealed)) : param()}, "repository_changed",
                   std::move(why));
}

statement set_variable(std::int64_t id, std::string name, const std::optional<std::string>& sealed,
                       change_of_repository why) {
    if (!sealed)
        return audited("delete from repository_environment e using repositories r where e.repository = $1::bigint and "
                       "e.name = $2 and r.id = e.repository returning r.remote",
                       {std::to_string(id), std::move(name)}, "repository_changed", std::move(why));
    return audited("insert into repository_environment as e (repository, name, sealed) select id, $2, $3::bytea from "
                   "repositories where id = $1::bigint on conflict (repository, name) do update set sealed = "
                   "excluded.sealed returning (select remote from repositories r where r.id = e.repository)",
                   {std::to_string(id), std::move(name), bytea(*sealed)}, "repository_changed", std::move(why));
}

statement remove_repository(const repository& what, std::string by) {
    return audited("delete from repositories where id = $1::bigint returning remote", {std::to_string(what.id)},
                   "repository_removed", {std::move(by), what.name});
}

awaitable<int> unfinished_of(store::pool& db, std::string remote) {
    auto r = co_await db.query("select count(*) from tasks where remote = $1 and state <> all ($2::text[])",
                               {std::move(remote), array_of_states(mechanic::is_settled)});
    co_return static_cast<int>(r.number(0, 0));
}

awaitable<std::vector<std::string>> remotes_of_tasks(store::pool& db) {
    auto r = co_await db.query("select distinct remote from tasks");
    std::vector<std::string> all;
    for (int i = 0; i < r.size(); ++i)
        all.emplace_back(r.text(i, 0));
    co_return all;
}

} // namespace persais::queue
