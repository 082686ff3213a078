#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// /second_factor: a secret for the person's authenticator app, in private and once.
awaitable<void> on_second_factor(update_context& t);
/// The message with the secret was pressed: it shows the secret no more.
std::string hide_factor(update_context& t);
/// Takes a message that can only be a code: it is deleted and not kept, whatever comes of it. False: it is none.
awaitable<bool> take_code(update_context& t, std::string text);

} // namespace persais::telegram
