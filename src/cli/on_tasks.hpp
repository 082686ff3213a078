#pragma once
#include "app/database.hpp"
#include "queue/listing.hpp"

#include <functional>
#include <optional>
#include <string>

namespace persais::cli {

/// A command about tasks: reads the settings (wrong ones: exit code 2), opens the database (away: 3), runs `work` to
/// its end on a loop, closes. It stands beside a running service, or alone. The value is the exit code; "nobody reads
/// our output any more" is 0, and one that could not be written 3.
int on_tasks(std::function<awaitable<int>(app::database&, const config::settings&)> work);

/// A task that a command names, or the newest.
struct chosen {
    queue::snapshot found;
    bool newest = false; // it was not named
};
/// Error: one sentence, there is no such task, or none at all.
awaitable<result<chosen>> choose(app::database& db, std::optional<std::int64_t> named);

/// "persais WORD: SENTENCE" on standard error; gives `code`.
int say(std::string_view word, std::string_view sentence, int code = 2);

} // namespace persais::cli
