#pragma once
#include "telegram/api/update.hpp"
#include "telegram/dialog/update_context.hpp"
#include "telegram/inbound/limits.hpp"
#include "telegram/inbound/pairing.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace persais::telegram {

/// Who has rights as far as this process knows, and what a message of a person without rights may come to: with no
/// admin yet, the one-time code and where it is; afterwards an invitation, and that the admins are told, once, that the
/// person asks to be let in. Everything else gets silence. Functions that read throw store::db_error.
class strangers {
public:
    /// `with` outlives it.
    explicit strangers(const update_handler_dependencies& with) : with_(with) {}

    /// Reads who has rights. When there is no admin yet, pairing is opened; then the line for the log is returned, else
    /// an empty one.
    awaitable<std::string> begin();
    /// Reads again who has rights, and which invitations can be used.
    awaitable<void> look_again();
    /// What the database just said of this person.
    void learn(std::int64_t person, bool paired, bool let_in, const std::vector<queue::role_grant>& grants = {});
    /// That the person was given this role in the repository (empty: everywhere), or lost the one there (nullopt).
    void learn_role(std::int64_t person, const std::string& repository, std::optional<role> given);

    role role_of(std::int64_t person) const { return service::role_of(person, with_.settings, known_); }
    role role_in(std::int64_t person, std::string_view remote) const {
        return service::role_in(person, remote, with_.settings, known_);
    }
    std::vector<std::int64_t> admins() const;
    bool pairing_is_open() const { return code_.is_open(with_.time.now()); }

    /// Whether a stranger's message may come to anything. Cheap, so that it can be asked of each that comes.
    bool may_hear(const message& m, std::int64_t who) const;
    /// The same of a message that is about to be decided, after look_again(): what it may come to is taken for it. For
    /// the same update it may be asked again.
    bool hears(const message& m, std::int64_t who, std::int64_t update);
    /// Decides such a message.
    awaitable<void> hear(update_context& t, const message& m);

private:
    bool without_admin() const;
    void pair(update_context& t, const std::optional<std::string>& word);
    awaitable<void> take_invite(update_context& t, std::string code);
    awaitable<void> ask_admins(update_context& t);
    void count_wrong(std::int64_t who);

    const update_handler_dependencies& with_;
    service::known_people known_;
    std::map<std::int64_t, bool> meanwhile_; // of whom it was learned since look_again() began whether they are paired
    std::set<std::string> invites_;          // digests, as of look_again()
    pairing code_;
    wrong_codes wrong_; // codes of invitations
    hourly_answers hints_{limits::pairing_hints, hourly_answers::once::for_good};
    hourly_answers requests_{limits::access_requests, hourly_answers::once::in_an_hour};
};

} // namespace persais::telegram
