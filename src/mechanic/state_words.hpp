#pragma once
#include "mechanic/task.hpp"

#include <string_view>

namespace persais::mechanic {

/// What people call a state, in English: one word for each, wherever one is shown. `name_of` is what programs read.
std::string_view word_of(const state& s);

} // namespace persais::mechanic
