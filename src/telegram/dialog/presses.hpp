#pragma once
#include "telegram/dialog/talk.hpp"

namespace persais::telegram {

/// A button was pressed: what it stands for is done, and the press is answered in any case. `flooded`: this person
/// presses and writes too much, nothing is done.
awaitable<void> take_press(talk& t, const press& p, bool flooded);

} // namespace persais::telegram
