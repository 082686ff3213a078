#pragma once
#include "telegram/api/addressee.hpp"
#include "telegram/dialog/strangers.hpp"
#include "telegram/dialog/update_context.hpp"
#include "telegram/inbound/inbound_rate_limiter.hpp"
#include "telegram/inbound/update_reader.hpp"

#include <deque>
#include <set>

namespace persais::telegram {

/// Decides what each update results in. It reads what it needs from the database; what is to be written it returns to
/// the reader.
class update_handler {
public:
    explicit update_handler(update_handler_dependencies with) : with_(std::move(with)), strangers_(with_) {}

    /// Loads who was paired before, and does what the last process left undone. When there is no admin yet, pairing is
    /// opened; then the line for the log is returned, else an empty one. Throws db_error.
    awaitable<std::string> begin();
    void introduce(bot me) { me_ = std::move(me); }

    /// The effect of an update that can never result in anything, because nobody who may use the bot spoke to it;
    /// nullopt: any other update.
    std::optional<std::string> turn_away(const update& u) const;
    /// As turn_away(), for an update that just came, when updates before it may not be read yet: while pairing is open,
    /// a stranger's message has to wait for its outcome. What is "refused" only because its person has no rights as far
    /// as this process knows names the person, because another process may have let them in.
    struct turned_away {
        std::string effect;
        std::int64_t person = 0; // 0: it does not depend on a person
    };
    std::optional<turned_away> turn_away_at_the_door(const update& u) const;
    /// These implement update_reader_dependencies.
    awaitable<void> look_over(const arrived_page& page);
    std::optional<std::string> dismiss(const arrived& one);
    awaitable<effect> decide(const arrived& one);

    role role_of(std::int64_t person) const { return strangers_.role_of(person); }
    /// Whether an admin reads the chat alone: a private chat has its person's number, a group's is negative.
    bool admin_reads(std::int64_t chat) const { return chat > 0 && role_of(chat) == role::admin; }
    std::vector<std::int64_t> admins() const { return strangers_.admins(); }
    /// The same after a look at what other processes changed. Throws db_error.
    awaitable<std::vector<std::int64_t>> admins_now();

private:
    awaitable<effect> on_message(const arrived& one, const message& m);
    awaitable<effect> on_edit(const arrived& one, const message& m);
    awaitable<effect> on_press(const arrived& one, const callback_query& p);
    awaitable<effect> on_membership(const membership& m) const;
    awaitable<void> meet(update_context& t, std::optional<std::int64_t> answered);
    awaitable<void> hear(update_context& t, const message& m);
    bool is_first_of_album(const message& m);
    effect finished(update_context& t);

    update_handler_dependencies with_;
    bot me_;
    strangers strangers_;
    inbound_rate_limiter rate_limiter_;
    std::set<std::int64_t> too_much_; // updates whose person is told about the flood
    std::deque<std::string> albums_;  // the newest albums that came without a text
};

} // namespace persais::telegram
