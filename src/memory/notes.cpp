#include "memory/notes.hpp"

#include "memory/queries.hpp"
#include "memory/recall.hpp"

#include <fmt/format.h>

namespace persais::memory {

using store::opt;
using store::param;
using store::statement;

awaitable<std::vector<item>> list(store::pool& db, wish what) {
    if (!what.words.empty() && what.remote) {
        recall found(db);
        co_return co_await found.about(*what.remote, what.words, std::nullopt, what.most);
    }
    co_return items_in(co_await db.query(
        fmt::format("select {} from memory_items where ($1::text is null or remote = $1) and ($2 or untrue_because is "
                    "null) and ($3 = '' or memory_words(text) @@ plainto_tsquery('pg_catalog.russian', $3)) "
                    "order by id desc limit $4::int",
                    item_columns),
        {what.remote ? param(*what.remote) : param(), what.untrue ? "t" : "f", what.words, std::to_string(what.most)}));
}

awaitable<std::optional<item>> load(store::pool& db, std::int64_t id) {
    auto r = co_await db.query(fmt::format("select {} from memory_items where id = $1::bigint", item_columns),
                               {std::to_string(id)});
    auto all = items_in(r);
    co_return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

statement add_note(const std::string& remote, const std::string& text, std::optional<std::int64_t> person) {
    return {"select memory_note($1, $2, $3::bigint)", {remote, text, opt(person)}};
}

statement correct(std::int64_t id, const std::string& text, std::optional<std::int64_t> person) {
    return {"with old as (update memory_items set untrue_because = 'corrected' where id = $1::bigint returning remote) "
            "select memory_note(remote, $2, $3::bigint) from old",
            {std::to_string(id), text, opt(person)}};
}

statement forget(std::int64_t id) {
    return {"select memory_forget($1::bigint, null)", {std::to_string(id)}};
}

statement forget_person(std::int64_t person) {
    return {"select memory_forget(null, $1::bigint)", {std::to_string(person)}};
}

} // namespace persais::memory
