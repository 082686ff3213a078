#pragma once
#include "base/clock.hpp"
#include "store/store.hpp"
#include "telegram/store/limits.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Updates from Telegram, stored before they are acknowledged. All functions throw store::db_error.
namespace persais::telegram {

/// An update as it came.
struct stored_update {
    std::int64_t number = 0; // Telegram's update_id; negative: made from the bytes, because it has none
    std::string body;
    std::string effect = {}; // a word of inbox.effect: the update is done; empty: it waits to be read
    std::int64_t person = 0; // it is done only if this person has no rights in the database; 0: whoever that is
};

/// Stores all of them in one statement, so in one COMMIT. One that is there already stays as it was. Returns those that
/// wait to be read although they have an effect, because their person has rights.
awaitable<std::vector<std::int64_t>> store_updates(store::pool& db, std::vector<stored_update> all);

struct waiting_update {
    std::int64_t number = 0;
    time_point received{}; // the database's clock
    std::string body;
};

/// Updates that are not done yet with a number over `after`, in the order of their numbers: at most limits::inbox_page
/// of them, and about limits::inbox_page_bytes.
awaitable<std::vector<waiting_update>> undone_updates(store::pool& db, std::int64_t after);

/// For the transaction that holds everything that is done for the update: it fails with `done_before` when the update
/// was done before.
store::statement take_update(std::int64_t number, std::string_view effect);
inline constexpr std::string_view done_before = "PX001"; // an SQLSTATE

/// Marks updates that nothing is written for as done. Those that are done already stay as they are.
awaitable<void> take_updates(store::pool& db, std::vector<std::int64_t> numbers, std::string effect);

awaitable<bool> update_is_done(store::pool& db, std::int64_t number);

/// Deletes the body, because it contained a secret.
store::statement forget_body(std::int64_t number);

} // namespace persais::telegram
