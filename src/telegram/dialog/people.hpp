#pragma once
#include "telegram/dialog/update_context.hpp"

/// Letting people in and out, from the chat. What is asked of an admin alone is refused to others here.
namespace persais::telegram {

/// Tells each of these admins in private that the person who speaks asks to be let in, with the buttons that decide it.
awaitable<void> tell_who_asks(update_context& t, std::vector<std::int64_t> admins);
/// Tells the person who speaks, and came in by an invitation of this admin, and the admin.
awaitable<void> welcome_invited(update_context& t, std::int64_t maker);

/// The press of one of the two buttons; returns the text that answers it, as all that follow do. `person`: the button's
/// argument.
awaitable<std::string> decide_on_person(update_context& t, std::string person, bool let_in);
awaitable<std::string> put_person_out(update_context& t, std::string person);
awaitable<std::string> withdraw_invite(update_context& t, std::string digest);

/// /link: a code with which the person is the same one at a terminal.
void on_link(update_context& t);
/// /people, /people remove 123, /people role 123 deployer you/shop.
awaitable<void> on_people(update_context& t, std::string rest);
/// /invite: makes a link that lets one person in.
awaitable<void> on_invite(update_context& t);

} // namespace persais::telegram
