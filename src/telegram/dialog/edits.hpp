#pragma once
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// A message was edited: an instruction that nobody has begun is taken as it is now; else its person is told that it
/// came too late. What is no instruction is left as it was.
awaitable<void> take_edit(update_context& t, std::string text);

} // namespace persais::telegram
