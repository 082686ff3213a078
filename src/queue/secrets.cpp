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

} // namespace persais::queue
