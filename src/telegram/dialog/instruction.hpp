#pragma once
#include "mechanic/task.hpp"

#include <cstdint>
#include <string>

namespace persais::telegram {

/// What a person wants done, or (`what`) known.
struct instruction {
    std::string text;
    mechanic::order::kind what = mechanic::order::kind::change;
    std::int64_t said_at = 0; // Telegram's date
    std::int64_t message = 0; // the person's
};

} // namespace persais::telegram
