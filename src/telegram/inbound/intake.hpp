#pragma once
#include "telegram/store/inbox.hpp"

#include <functional>
#include <memory>

namespace persais::telegram {

struct intake_dependencies {
    /// The effect of an update that nothing comes of whoever reads it, which is stored as done; empty: it has to be
    /// read.
    std::function<std::string(const telegram::stored_update&)> turn_away;
    /// One that was turned away is stored.
    std::function<void(std::string_view effect)> turned_away;
    /// There is something to read.
    std::function<void()> stored;
};

/// The way into the inbox, whichever way updates come. They are committed in groups: while one COMMIT is under way the
/// next group gathers, and a lone update goes at once. A flood of strangers' words costs nobody's answer: they are
/// turned away here and never read again. One executor.
class intake {
public:
    /// `db` outlives us.
    intake(const asio::any_io_executor& executor, store::pool& db, intake_dependencies dependencies);
    ~intake();
    intake(const intake&) = delete;

    /// True after the COMMIT that holds all of them. False: they could not be stored now, because too much waits or the
    /// database does not answer; whoever sent them keeps them. One that was sent before is stored once.
    awaitable<bool> take(std::vector<telegram::stored_update> some);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace persais::telegram
