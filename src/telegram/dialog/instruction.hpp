#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "mechanic/task.hpp"
#include "telegram/store/chats.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persais::telegram {

/// What a person wants done, or (`what`) wants to know.
struct instruction {
    std::string text;
    mechanic::order::kind what = mechanic::order::kind::change;
    std::int64_t said_at = 0;       // Telegram's date
    std::int64_t message = 0;       // the number of the person's message
    time_point heard_at{};          // when it came; only of one that was kept
    std::optional<task_id> to = {}; // the task that it goes on with; nullopt: it is a task of its own
    std::vector<telegram::message_part> parts = {}; // what it consists of, in order; empty: all of it is `message`
    bool words = true;              // false: nothing but what was attached
    bool unread = false;            // something that belongs to it was not read
};

} // namespace persais::telegram
