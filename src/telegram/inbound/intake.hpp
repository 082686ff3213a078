#pragma once
#include "telegram/store/inbox.hpp"

#include <functional>
#include <memory>

namespace persais::telegram {

struct intake_dependencies {
    /// Gives an update that results in nothing, whatever was before it, its effect, and the person that this depends
    /// on; it is stored as done. One without an effect has to be read.
    std::function<void(telegram::stored_update&)> turn_away;
    /// An update that was turned away is stored.
    std::function<void(std::string_view effect)> turned_away;
    /// An update that has to be read is stored.
    std::function<void()> stored;
};

/// Stores updates in the inbox, whichever way they come. They are committed in groups: while one COMMIT runs the next
/// group gathers, and a single update is stored at once. A flood of strangers' messages delays nobody's answer, because
/// they are turned away here and never read again. Used from one executor.
class intake {
public:
    /// `db` outlives the intake.
    intake(const asio::any_io_executor& executor, store::pool& db, intake_dependencies dependencies);
    ~intake();
    intake(const intake&) = delete;

    /// True after the COMMIT that holds all of them. False: they could not be stored now, because too many wait or the
    /// database does not answer, and the sender has to send them again. An update that is sent again is stored once.
    awaitable<bool> take(std::vector<telegram::stored_update> some);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace persais::telegram
