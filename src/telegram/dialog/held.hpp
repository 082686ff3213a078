#pragma once
#include "telegram/dialog/attachments.hpp"
#include "telegram/dialog/instruction.hpp"

namespace persais::telegram {

// An instruction that came with something that was not read, or with nothing but files, is held: nothing of it is begun
// until its person says so, or says in words what to do.

/// Takes what a message says: begins it, joins it to what it belongs to, or holds it. `repeats`: it is told already
/// that such a thing is not read.
awaitable<void> take_message(update_context& t, instruction said, const whole_message& with, bool repeats);

/// The press of a button under the question whether to go on (`go_on`) or not; returns the text that answers it.
awaitable<std::string> press_for_held(update_context& t, bool go_on);

} // namespace persais::telegram
