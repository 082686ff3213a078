#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

// /repo with the words of `persais repo`, but `add` (add_repository.hpp): what an admin sets for a repository.

/// False: `rest` begins with none of these words.
awaitable<bool> on_repository_word(update_context& t, std::string rest);

/// Whether a token or the value of a variable is awaited of the person, who may be no admin any more.
bool awaits_secret(const update_context& t);
/// Takes the message as that secret: it is deleted, and stored sealed.
awaitable<void> take_repository_secret(update_context& t, secret said);

} // namespace persais::telegram
