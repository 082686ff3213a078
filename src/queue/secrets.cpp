#include "queue/secrets.hpp"

#include "queue/bytes.hpp"

namespace persais::queue {

awaitable<std::optional<std::string>> load_secret(store::pool& db, std::string name) {
    auto r = co_await db.query("select sealed from secrets where name = $1", {std::move(name)});
    if (r.empty()) co_return std::nullopt;
    co_return from_bytea(r.text(0, 0));
}

awaitable<void> keep_secret(store::pool& db, std::string name, std::optional<std::string> sealed) {
    if (sealed)
        co_await db.query("insert into secrets (name, sealed) values ($1, $2::bytea) on conflict (name) do update set "
                          "sealed = excluded.sealed, set_at = now()",
                          {std::move(name), bytea(*sealed)});
    else
        co_await db.query("delete from secrets where name = $1", {std::move(name)});
}

awaitable<std::optional<key_change>> load_key_change(store::pool& db) {
    try {
        auto r =
            co_await db.query("select n.sealed, b.sealed from secrets n, secrets b where n.name = $1 and b.name = $2",
                              {next_master_key, master_key_before});
        if (!r.empty()) co_return key_change{from_bytea(r.text(0, 0)), from_bytea(r.text(0, 1))};
    } catch (const store::db_error& e) {
        if (e.sqlstate != "42P01") throw;
    }
    co_return std::nullopt;
}

awaitable<bool> begin_key_change(store::pool& db, key_change what) {
    auto r = co_await db.query("insert into secrets (name, sealed) values ($1, $2::bytea), ($3, $4::bytea) on conflict "
                               "do nothing",
                               {next_master_key, bytea(what.next), master_key_before, bytea(what.before)});
    co_return r.affected() > 0;
}

awaitable<void> end_key_change(store::pool& db, std::string by) {
    co_await db.query(
        "with gone as (delete from secrets where name in ($1, $2) returning name) insert into audit (remote, "
        "what, by, commit_id, anyway) select '', 'secrets_resealed', $3, '', false from gone limit 1",
        {next_master_key, master_key_before, std::move(by)});
}

awaitable<std::vector<secret_of_setting>> secrets_of_settings(store::pool& db) {
    std::vector<secret_of_setting> all;
    try {
        auto r = co_await db.query("select name, sealed, (extract(epoch from set_at) * 1000000)::bigint from secrets "
                                   "where name ~ '^[A-Z][A-Z0-9_]*$' order by name");
        for (int i = 0; i < r.size(); ++i)
            all.push_back({std::string(r.text(i, 0)), from_bytea(r.text(i, 1)),
                           time_point(std::chrono::microseconds(r.number(i, 2)))});
    } catch (const store::db_error& e) {
        if (e.sqlstate != "42P01") throw;
    }
    co_return all;
}

store::statement set_secret(std::string name, const std::string& sealed, std::string by) {
    return {
        "with changed as (insert into secrets (name, sealed) values ($1, $2::bytea) on conflict (name) do update set "
        "sealed = excluded.sealed, set_at = clock_timestamp() returning name) insert into audit (remote, what, by, "
        "commit_id, anyway, detail) select '', 'secret_set', $3, '', false, name from changed",
        {std::move(name), bytea(sealed), std::move(by)}};
}

store::statement unset_secret(std::string name, std::string by) {
    return {"with changed as (delete from secrets where name = $1 returning name) insert into audit (remote, what, by, "
            "commit_id, anyway, detail) select '', 'secret_unset', $2, '', false, name from changed",
            {std::move(name), std::move(by)}};
}

} // namespace persais::queue
