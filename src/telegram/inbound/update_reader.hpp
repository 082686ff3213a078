#pragma once
#include "telegram/api/update.hpp"
#include "telegram/store/inbox.hpp"

#include <functional>
#include <optional>

namespace persais::telegram {

/// An update with when it came.
struct arrived {
    update what;
    time_point received{}; // the database's clock
};

/// What an update comes to: a word of inbox.effect, what is written for it in the same transaction, and what is done in
/// this process once that stands. A crash between the two loses `then`, so it holds only what others make up for.
struct effect {
    std::string name;
    std::vector<store::statement> writes = {};
    std::function<void()> then = {};
};

/// A statement of an effect fails with this SQLSTATE when what the decision was based on has changed: decide anew.
inline constexpr std::string_view decide_again = "PX002";

struct update_reader_dependencies {
    /// An update that is settled by looking at it, without a word to anybody; nullopt: it has to be decided.
    std::function<std::optional<std::string>(const arrived&)> dismiss;
    /// Reads what it needs and writes nothing. Called for one update of a chat after the other.
    std::function<awaitable<effect>(const arrived&)> decide;
    /// An update was settled.
    std::function<void(std::string_view effect)> settled;
};

/// Works through the inbox, oldest first and in order for each chat; several chats side by side. What is decided for an
/// update is one transaction with taking it, so that a crash at any point changes nothing; an outcome that is not known
/// is found in the row. An update that cannot be handled is marked so and holds up nobody. Sends no SQL while nothing
/// comes.
class update_reader {
public:
    /// `db` outlives us.
    update_reader(const asio::any_io_executor& executor, store::pool& db, update_reader_dependencies dependencies);

    /// Until cancelled. Begins with what came while nobody read.
    awaitable<void> run();
    /// There is something new.
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
