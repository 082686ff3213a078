#include "queue/api_tokens.hpp"

#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::queue {

namespace {

// Columns of a token, as read_token() reads them.
constexpr auto columns = "id, name, person, array_to_string(scopes, ' '), made_by, "
                         "(extract(epoch from made_at) * 1000000)::bigint, "
                         "(extract(epoch from expires_at) * 1000000)::bigint, "
                         "(extract(epoch from used_at) * 1000000)::bigint, "
                         "(extract(epoch from revoked_at) * 1000000)::bigint";

std::optional<time_point> when(const store::rows& r, int row, int column) {
    if (r.null(row, column)) return std::nullopt;
    return time_point(std::chrono::microseconds(r.number(row, column)));
}

api_token read_token(const store::rows& r, int row) {
    api_token one{.id = r.number(row, 0), .name = std::string(r.text(row, 1)), .made_by = std::string(r.text(row, 4))};
    if (!r.null(row, 2)) one.person = r.number(row, 2);
    std::istringstream words{std::string(r.text(row, 3))};
    for (std::string word; words >> word;)
        one.scopes.push_back(word);
    one.made = when(r, row, 5).value_or(time_point{});
    one.expires = when(r, row, 6);
    one.used = when(r, row, 7);
    one.revoked = when(r, row, 8);
    return one;
}

} // namespace

awaitable<std::int64_t> add_api_token(store::pool& db, std::string digest, api_token what,
                                      std::optional<std::chrono::seconds> valid) {
    auto seconds = valid ? std::optional(valid->count()) : std::nullopt;
    auto r = co_await db.query("select api_token_add($1::bytea, $2, $3::bigint, $4::text[], $5, $6::bigint)",
                               {"\\x" + digest, what.name, store::opt(what.person),
                                fmt::format("{{{}}}", fmt::join(what.scopes, ",")), what.made_by, store::opt(seconds)});
    co_return r.number(0, 0);
}

awaitable<std::vector<api_token>> api_tokens(store::pool& db) {
    auto r = co_await db.query(fmt::format("select {} from api_tokens order by id", columns));
    std::vector<api_token> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_token(r, i));
    co_return all;
}

awaitable<bool> revoke_api_token(store::pool& db, std::int64_t id, std::string by) {
    auto r = co_await db.query("select api_token_revoke($1::bigint, $2)", {std::to_string(id), std::move(by)});
    co_return r.boolean(0, 0);
}

awaitable<std::optional<api_token>> use_api_token(store::pool& db, std::string digest) {
    auto r = co_await db.query(
        fmt::format("with used as (update api_tokens set used_at = clock_timestamp() where digest = $1::bytea and "
                    "revoked_at is null and (expires_at is null or expires_at > now()) and "
                    "(used_at is null or used_at < now() - interval '1 minute')) "
                    "select {} from api_tokens where digest = $1::bytea and revoked_at is null and "
                    "(expires_at is null or expires_at > now())",
                    columns),
        {"\\x" + digest});
    if (r.empty()) co_return std::nullopt;
    co_return read_token(r, 0);
}

awaitable<std::vector<std::int64_t>> valid_api_tokens(store::pool& db, std::vector<std::int64_t> ids) {
    auto r = co_await db.query("select id from api_tokens where id = any($1::bigint[]) and revoked_at is null and "
                               "(expires_at is null or expires_at > now())",
                               {fmt::format("{{{}}}", fmt::join(ids, ","))});
    std::vector<std::int64_t> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(r.number(i, 0));
    co_return all;
}

} // namespace persais::queue
