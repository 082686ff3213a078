#include "queue/people.hpp"

#include "base/encoding.hpp"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::queue {

using store::param;
using store::statement;

namespace {

/// As text that PostgreSQL reads as bytea.
std::string bytea_of(const std::string& digest) {
    return "\\x" + digest;
}

std::string list_of(const std::vector<std::int64_t>& people) {
    return fmt::format("{{{}}}", fmt::join(people, ","));
}

} // namespace

std::string code_digest(std::string_view code) {
    return to_hex(sha256(code));
}

awaitable<std::vector<role_grant>> all_grants(store::pool& db) {
    auto r = co_await db.query("select person, repository, role from grants order by person, repository");
    std::vector<role_grant> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({r.number(i, 0), std::string(r.text(i, 1)), std::string(r.text(i, 2))});
    co_return all;
}

awaitable<std::vector<team_member>> team(store::pool& db) {
    auto r =
        co_await db.query("select id, name, paired_at is not null, let_in from people p where paired_at is not null "
                          "or let_in or exists (select from grants g where g.person = p.id) or exists (select from "
                          "identities i where i.person = p.id) order by id");
    std::vector<team_member> all;
    std::map<std::int64_t, std::size_t> at;
    for (int i = 0; i < r.size(); ++i) {
        at[r.number(i, 0)] = all.size();
        all.push_back({.id = r.number(i, 0),
                       .name = std::string(r.text(i, 1)),
                       .paired = r.boolean(i, 2),
                       .let_in = r.boolean(i, 3),
                       .grants = {},
                       .known_as = {}});
    }
    for (auto& each : co_await all_grants(db)) // a person who came meanwhile is there the next time
        if (auto found = at.find(each.person); found != at.end()) all[found->second].grants.push_back(std::move(each));
    auto names = co_await db.query("select person, kind, id from identities order by person, kind, id");
    for (int i = 0; i < names.size(); ++i)
        if (auto found = at.find(names.number(i, 0)); found != at.end())
            all[found->second].known_as.push_back({std::string(names.text(i, 1)), std::string(names.text(i, 2))});
    co_return all;
}

statement set_role(std::int64_t person, const std::string& repository, const std::optional<std::string>& role,
                   const std::string& by, const std::vector<std::int64_t>& named) {
    return {"select person_role($1::bigint, $2, $3, $4, $5::bigint[])",
            {std::to_string(person), repository, role ? param(*role) : param(), by, list_of(named)}};
}

statement remove_person(std::int64_t person, const std::string& by, const std::vector<std::int64_t>& named) {
    return {"select tasks, replies from person_remove($1::bigint, $2, $3::bigint[])",
            {std::to_string(person), by, list_of(named)}};
}

awaitable<int> tasks_without_result_of(store::pool& db, std::int64_t person) {
    auto r = co_await db.query("select count(*) from person_tasks($1::bigint)", {std::to_string(person)});
    co_return static_cast<int>(r.number(0, 0));
}

statement add_link_code(const std::string& digest, std::int64_t person, std::chrono::seconds valid) {
    return {
        "insert into link_codes (code_hash, person, expires_at) values ($1::bytea, $2::bigint, now() + $3::bigint * "
        "interval '1 second')",
        {bytea_of(digest), std::to_string(person), std::to_string(valid.count())}};
}

statement use_link_code(const std::string& digest, const identity& as) {
    return {"select link_use($1::bytea, $2, $3)", {bytea_of(digest), as.kind, as.id}};
}

statement link(std::int64_t person, const identity& as, const std::string& by) {
    return {"select person_link($1::bigint, $2, $3, $4)", {std::to_string(person), as.kind, as.id, by}};
}

statement add_invite(const std::string& digest, std::chrono::seconds valid, const std::string& role,
                     const std::string& repository) {
    return {"insert into invites (code_hash, made_by, expires_at, role, repository) values ($1::bytea, 0, now() + "
            "$2::bigint * interval '1 second', $3, $4)",
            {bytea_of(digest), std::to_string(valid.count()), role, repository}};
}

} // namespace persais::queue
