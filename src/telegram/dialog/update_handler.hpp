#pragma once
#include "telegram/api/addressee.hpp"
#include "telegram/dialog/update_context.hpp"
#include "telegram/inbound/inbound_rate_limiter.hpp"
#include "telegram/inbound/pairing.hpp"

#include <deque>
#include <set>

namespace persais::telegram {

/// Decides what people's words come to. It reads what it needs; what is to be written it gives to the reader.
class update_handler {
public:
    explicit update_handler(update_handler_dependencies with) : with_(std::move(with)) {}

    /// Who was paired before. Without any admin pairing is opened: then the line for the log, else empty. What was left
    /// undone by the end of the last process is done. Throws db_error.
    awaitable<std::string> begin();
    void introduce(bot me) { me_ = std::move(me); }

    /// The effect of an update that comes to nothing for good: nobody who may say something said something to us.
    std::optional<std::string> turn_away(const update& u) const;
    /// The same of one that just came, which others before it may not be read yet: while somebody may become an admin,
    /// a stranger's words wait for that.
    std::optional<std::string> turn_away_at_the_door(const update& u) const;
    /// As reader_parts has them.
    std::optional<std::string> dismiss(const arrived& one);
    awaitable<effect> decide(const arrived& one);

    role role_of(std::int64_t person) const;
    std::vector<std::int64_t> admins() const;

private:
    awaitable<effect> on_message(const arrived& one, const message& m);
    awaitable<effect> on_edit(const arrived& one, const message& m);
    awaitable<effect> on_press(const arrived& one, const callback_query& p);
    awaitable<effect> on_membership(const membership& m) const;
    awaitable<void> hear(update_context& t, const message& m);
    void pair(update_context& t, const message& m);
    bool is_first_of_album(const message& m);
    effect finished(update_context& t);

    update_handler_dependencies with_;
    bot me_;
    std::set<std::int64_t> paired_;
    pairing code_;
    inbound_rate_limiter rate_limiter_;
    std::set<std::int64_t> too_much_; // updates whose person is told so
    std::deque<std::string> albums_;  // the newest ones that came without words
};

} // namespace persais::telegram
