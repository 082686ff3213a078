#include "telegram/store/people.hpp"

#include "base/encoding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::telegram {

using store::statement;

namespace {

constexpr auto columns = "p.id, p.name, coalesce(p.language, p.client_language), p.let_in or exists (select from "
                         "grants g where g.person = p.id), p.decided_at is not null, "
                         "coalesce(a.name, '') from people p left join people a on a.id = p.decided_by";

known_person read_person(const store::rows& r, int row) {
    return {.id = r.number(row, 0),
            .name = std::string(r.text(row, 1)),
            .language = std::string(r.text(row, 2)),
            .let_in = r.boolean(row, 3),
            .decided = r.boolean(row, 4),
            .decided_by = std::string(r.text(row, 5))};
}

/// As text that PostgreSQL reads as bytea.
std::string bytea_of(const std::string& digest) {
    return "\\x" + digest;
}

} // namespace

statement see_person(const chat_person& who) {
    return {"insert into people (id, name, client_language) values ($1::bigint, $2, $3) on conflict (id) do update set "
            "name = excluded.name, client_language = excluded.client_language, seen_at = now()",
            {std::to_string(who.id), who.name, who.client_language}};
}

awaitable<people_with_rights> load_rights(store::pool& db) {
    auto r = co_await db.query("select id, paired_at is not null from people where paired_at is not null or let_in");
    people_with_rights all;
    for (int i = 0; i < r.size(); ++i)
        (r.boolean(i, 1) ? all.paired : all.let_in).push_back(r.number(i, 0));
    all.grants = co_await queue::all_grants(db);
    co_return all;
}

statement pair_admin(std::int64_t person) {
    return {"update people set paired_at = now() where id = $1::bigint", {std::to_string(person)}};
}

awaitable<std::optional<known_person>> find_person(store::pool& db, std::int64_t person) {
    auto found = co_await find_people(db, {person});
    co_return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

awaitable<std::vector<known_person>> find_people(store::pool& db, std::vector<std::int64_t> people) {
    auto r = co_await db.query(fmt::format("select {} where p.id = any($1::bigint[]) order by p.id", columns),
                               {fmt::format("{{{}}}", fmt::join(people, ","))});
    std::vector<known_person> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_person(r, i));
    co_return all;
}

awaitable<let_in_people> people_let_in(store::pool& db, int most) {
    auto r = co_await db.query(fmt::format("select n.*, count(*) over () from (select {} where p.let_in order by "
                                           "p.decided_at desc) n limit $1::bigint",
                                           columns),
                               {std::to_string(most)});
    let_in_people found;
    for (int i = 0; i < r.size(); ++i)
        found.newest.push_back(read_person(r, i));
    if (r.size() > 0) found.all = static_cast<int>(r.number(0, 6));
    co_return found;
}

awaitable<int> asked_within(store::pool& db, std::chrono::seconds time) {
    auto r = co_await db.query("select count(*) from people where asked_at > now() - $1::bigint * interval '1 second'",
                               {std::to_string(time.count())});
    co_return static_cast<int>(r.number(0, 0));
}

statement asks_to_be_let_in(std::int64_t person) {
    return {"select person_asks($1::bigint)", {std::to_string(person)}};
}

statement decide_on(std::int64_t person, std::int64_t admin, bool let_in) {
    return {"select person_decide($1::bigint, $2::bigint, $3::boolean)",
            {std::to_string(person), std::to_string(admin), let_in ? "true" : "false"}};
}

std::string invite_digest(std::string_view code) {
    return queue::code_digest(code);
}

statement add_invite(const std::string& digest, std::int64_t admin, std::chrono::seconds valid) {
    return {"insert into invites (code_hash, made_by, expires_at) values ($1::bytea, $2::bigint, now() + $3::bigint * "
            "interval '1 second')",
            {bytea_of(digest), std::to_string(admin), std::to_string(valid.count())}};
}

awaitable<std::vector<std::string>> open_invites(store::pool& db) {
    auto r = co_await db.query("select encode(code_hash, 'hex') from invites where expires_at > now()");
    std::vector<std::string> all;
    for (int i = 0; i < r.size(); ++i)
        all.emplace_back(r.text(i, 0));
    co_return all;
}

awaitable<std::optional<std::int64_t>> maker_of_invite(store::pool& db, std::string digest) {
    auto r = co_await db.query("select made_by from invites where code_hash = $1::bytea and expires_at > now()",
                               {bytea_of(digest)});
    co_return r.empty() ? std::nullopt : std::optional(r.number(0, 0));
}

statement use_invite(const std::string& digest, std::int64_t person) {
    return {"select invite_use($1::bytea, $2::bigint)", {bytea_of(digest), std::to_string(person)}};
}

statement drop_invite(const std::string& digest) {
    return {"delete from invites where code_hash = $1::bytea", {bytea_of(digest)}};
}

} // namespace persais::telegram
