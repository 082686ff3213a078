#pragma once
#include "telegram/api/update.hpp"
#include "telegram/store/inbox.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace persais::telegram {

/// An update with the time at which it came.
struct arrived {
    update what;
    time_point received{}; // the database's clock
};

/// Updates that are judged together. The reader waits over them.
using arrived_page = std::vector<arrived>;

/// What an update results in: a word of inbox.effect, what is written for it in the same transaction, and what is done
/// in this process after the COMMIT. A crash between the two loses `then`, so `then` holds only what something else
/// makes up for.
struct effect {
    std::string name;
    std::vector<store::statement> writes = {};
    std::function<void()> then = {};
};

/// A statement of an effect fails with this SQLSTATE when what the decision was based on has changed: the update is
/// decided again.
inline constexpr std::string_view decide_again = "PX002";

struct update_reader_dependencies {
    /// Called with the updates of a page before any of them is dismissed. May be empty.
    std::function<awaitable<void>(const arrived_page&)> look_over = {};
    /// The effect of an update that needs no decision and no answer; nullopt: it has to be decided.
    std::function<std::optional<std::string>(const arrived&)> dismiss;
    /// Reads what it needs and writes nothing. The updates of one chat are decided one after the other.
    std::function<awaitable<effect>(const arrived&)> decide;
    /// An update was settled.
    std::function<void(std::string_view effect)> settled;
};

/// Handles the updates of the inbox, oldest first and in order for each chat; several chats concurrently. What is
/// decided for an update is written in the transaction that takes it, so that a crash at any point changes nothing; an
/// unknown outcome of a COMMIT is found out from the row. An update that cannot be handled is marked as failed and
/// blocks no other. Sends no SQL while no update comes.
class update_reader {
public:
    /// `db` outlives the reader.
    update_reader(const asio::any_io_executor& executor, store::pool& db, update_reader_dependencies dependencies);

    /// Runs until cancelled. Begins with the updates that came while no reader ran.
    awaitable<void> run();
    /// An update was stored.
    void wake() { news_.set(); }

private:
    struct item {
        arrived update;
        std::int64_t number;
    };
    struct page;
    awaitable<void> work_through();
    awaitable<void> dismiss(page& of);
    awaitable<void> carry_side_by_side(page& of);
    awaitable<void> carry_to_the_end(page& of);
    awaitable<void> carry(page& of);
    awaitable<void> handle(const item& one);
    awaitable<bool> attempt(const item& one, int tries_left);

    asio::any_io_executor executor_;
    store::pool& db_;
    update_reader_dependencies dependencies_;
    event news_;
};

} // namespace persais::telegram
