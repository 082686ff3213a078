#include "queue/backups.hpp"

#include <boost/json.hpp>

namespace persais::queue {

namespace {

std::string ms(std::chrono::milliseconds of) {
    return std::to_string(of.count());
}

} // namespace

awaitable<backup_state> backup_state_of(store::pool& db) {
    auto r = co_await db.query(
        "select coalesce(good_name, ''), coalesce(extract(epoch from good_at), 0)::bigint, "
        "coalesce(greatest(0, extract(epoch from clock_timestamp() - good_at)), 0)::bigint, coalesce(good_bytes, 0), "
        "coalesce(why, '') from backup_state");
    if (r.empty()) co_return backup_state{};
    co_return backup_state{.name = std::string(r.text(0, 0)),
                           .made = time_point(std::chrono::seconds(r.number(0, 1))),
                           .age = std::chrono::seconds(r.number(0, 2)),
                           .bytes = r.number(0, 3),
                           .why = std::string(r.text(0, 4))};
}

awaitable<bool> changed_since_backup(store::pool& db) {
    auto r = co_await db.query("select coalesce((select good_xid from backup_state where failed_at is null), 0) <> "
                               "pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
    co_return r.boolean(0, 0);
}

awaitable<std::optional<backup_turn>> take_backup_turn(store::pool& db, backup_turn_options how) {
    auto r = co_await db.query(
        "update backup_state set holder = $1, held_until = clock_timestamp() + $2::bigint * interval '1 millisecond', "
        "begun_at = clock_timestamp() where (held_until is null or held_until < clock_timestamp()) and "
        "(begun_at is null or begun_at <= clock_timestamp() - $3::bigint * interval '1 millisecond') "
        "returning coalesce(clock_timestamp() > tried_at + least(tried_ms * 20, $4::bigint) * interval '1 "
        "millisecond', true)",
        {how.holder, ms(how.lasts), ms(how.interval), ms(how.tried_every)});
    if (r.empty()) co_return std::nullopt;
    auto now = co_await db.query("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
    co_return backup_turn{now.number(0, 0), r.boolean(0, 0)};
}

awaitable<void> backup_is_good(store::pool& db, good_backup what) {
    // This statement is one transaction more than the backup knows.
    co_await db.query(
        "update backup_state set holder = null, held_until = null, good_name = $2, good_at = "
        "to_timestamp($3::bigint), good_bytes = $4::bigint, good_xid = $5::bigint + 1, failed_at = null, why = null, "
        "told_at = null, tried_at = case when $6::bigint is null then tried_at else clock_timestamp() end, "
        "tried_ms = coalesce($6::bigint, tried_ms) where holder = $1",
        {what.holder, what.name,
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(what.made.time_since_epoch()).count()),
         std::to_string(what.bytes), std::to_string(what.xid),
         what.tried ? store::param(ms(*what.tried)) : store::param()});
}

awaitable<void> backup_failed(store::pool& db, std::string holder, std::string why) {
    co_await db.query("update backup_state set holder = null, held_until = null, why = $2, "
                      "failed_at = coalesce(failed_at, clock_timestamp()) where holder = $1",
                      {std::move(holder), std::move(why)});
}

awaitable<void> give_backup_turns_back(store::pool& db, std::vector<std::string> holders) {
    if (holders.empty()) co_return;
    boost::json::array names(holders.begin(), holders.end());
    co_await db.query("update backup_state set holder = null, held_until = null, begun_at = null where holder in "
                      "(select jsonb_array_elements_text($1::jsonb))",
                      {boost::json::serialize(names)});
}

awaitable<bool> backups_are_old(store::pool& db, std::chrono::milliseconds than) {
    auto r = co_await db.query(
        "update backup_state set told_at = clock_timestamp() where told_at is null and failed_at is not null and "
        "coalesce(good_at, failed_at) < clock_timestamp() - $1::bigint * interval '1 millisecond' returning 1",
        {ms(than)});
    co_return !r.empty();
}

} // namespace persais::queue
