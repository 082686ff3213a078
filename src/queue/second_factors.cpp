#include "queue/second_factors.hpp"

#include "queue/bytes.hpp"
#include "queue/limits.hpp"

namespace persais::queue {

awaitable<std::optional<factor_tried>> try_factor(store::pool& db, std::string person) {
    auto pause = std::chrono::seconds(limits::factor_pause).count();
    auto r = co_await db.query("select sealed, set_up_at is not null from factor_try($1, $2::integer, $3::bigint)",
                               {std::move(person), std::to_string(limits::factor_tries), std::to_string(pause)});
    if (r.empty()) co_return std::nullopt;
    co_return factor_tried{from_bytea(r.text(0, 0)), r.boolean(0, 1)};
}

awaitable<bool> accept_factor(store::pool& db, std::string person, std::string sealed, std::int64_t step) {
    auto r = co_await db.query("select factor_accept($1, $2::bytea, $3::bigint)",
                               {std::move(person), bytea(sealed), std::to_string(step)});
    co_return r.boolean(0, 0);
}

awaitable<void> note_wrong_code(store::pool& db, std::string person) {
    co_await db.query("select factor_audit($1, 'factor_wrong', $1)", {std::move(person)});
}

awaitable<factor_state> factor_of(store::pool& db, std::string person) {
    auto r =
        co_await db.query("select set_up_at is not null from second_factors where person = $1", {std::move(person)});
    if (r.empty()) co_return factor_state::none;
    co_return r.boolean(0, 0) ? factor_state::set_up : factor_state::given;
}

awaitable<bool> begin_factor(store::pool& db, std::string person, std::string sealed) {
    auto r = co_await db.query("select factor_begin($1, $2::bytea)", {std::move(person), bytea(sealed)});
    co_return r.boolean(0, 0);
}

awaitable<bool> reset_factor(store::pool& db, std::string person, std::string by) {
    auto r = co_await db.query("select factor_reset($1, $2)", {std::move(person), std::move(by)});
    co_return r.boolean(0, 0);
}

} // namespace persais::queue
