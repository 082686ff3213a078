#include "telegram/store/inbox.hpp"

#include "base/encoding.hpp"
#include "queue/bytes.hpp"
#include "telegram/store/limits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::telegram {

awaitable<std::vector<std::int64_t>> store_updates(store::pool& db, std::vector<stored_update> all) {
    std::string numbers = "{", bodies = "{", effects = "{", people = "{";
    std::size_t bytes = 0;
    for (const auto& each : all)
        bytes += each.body.size();
    bodies.reserve(2 * bytes + 8 * all.size() + 2);
    for (const auto& each : all) {
        if (numbers.size() > 1) numbers += ',', bodies += ',', effects += ',', people += ',';
        numbers += std::to_string(each.number);
        bodies += "\"\\\\x"; // within the array's quotes a backslash is doubled
        bodies += to_hex(each.body);
        bodies += '"';
        effects += each.effect.empty() ? "null" : each.effect;
        people += std::to_string(each.person);
    }
    auto r = co_await db.query_first( // Telegram waits for it
        "with come as (select n, b, e, e is not null and exists (select from people where id = p and (paired_at is not "
        "null or let_in or exists (select from grants where person = p))) as heard from unnest($1::bigint[], "
        "$2::bytea[], $3::text[], $4::bigint[]) as u (n, b, e, "
        "p)), "
        "kept as (insert into inbox (update_id, body, effect, done_at) select n, b, case when not heard then e end, "
        "case when e is not null and not heard then now() end from come on conflict do nothing) "
        "select n from come where heard",
        {numbers + "}", bodies + "}", effects + "}", people + "}"});
    std::vector<std::int64_t> heard;
    for (int i = 0; i < r.size(); ++i)
        heard.push_back(r.number(i, 0));
    co_return heard;
}

awaitable<std::vector<waiting_update>> undone_updates(store::pool& db, std::int64_t after) {
    auto r = co_await db.query(
        "select update_id, (extract(epoch from received_at) * 1000000)::bigint, body from (select *, "
        "sum(octet_length(body)) over (order by update_id) - octet_length(body) as before from (select * from inbox "
        "where done_at is null and update_id > $1::bigint order by update_id limit $2::bigint) page) p "
        "where before < $3::bigint order by update_id",
        {std::to_string(after), std::to_string(limits::inbox_page), std::to_string(limits::inbox_page_bytes)});
    std::vector<waiting_update> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(
            {r.number(i, 0), time_point(std::chrono::microseconds(r.number(i, 1))), queue::from_bytea(r.text(i, 2))});
    co_return all;
}

store::statement take_update(std::int64_t number, std::string_view effect) {
    return {"select inbox_take($1::bigint, $2)", {std::to_string(number), std::string(effect)}};
}

awaitable<void> take_updates(store::pool& db, std::vector<std::int64_t> numbers, std::string effect) {
    co_await db.query("update inbox set done_at = clock_timestamp(), effect = $2 where update_id = any($1::bigint[]) "
                      "and done_at is null",
                      {fmt::format("{{{}}}", fmt::join(numbers, ",")), std::move(effect)});
}

awaitable<bool> update_is_done(store::pool& db, std::int64_t number) {
    auto r = co_await db.query("select 1 from inbox where update_id = $1::bigint and done_at is not null",
                               {std::to_string(number)});
    co_return !r.empty();
}

store::statement forget_body(std::int64_t number) {
    return {"update inbox set body = '' where update_id = $1::bigint", {std::to_string(number)}};
}

} // namespace persais::telegram
