#pragma once
#include "app/database.hpp"
#include "queue/listing.hpp"

#include <functional>
#include <optional>
#include <string>

namespace persais::cli {

/// For a command about tasks: reads the settings (wrong ones: exit code 2), opens the database (unreachable: 3), runs
/// `work` to its end on a loop, and closes everything. A service may run at the same time. The value is the exit code;
/// it is 0 when the reader closed our output, and 3 when the output could not be written.
int on_tasks(std::function<awaitable<int>(app::database&, const config::settings&)> work);

/// The task that a command names, or the newest task.
struct chosen {
    queue::snapshot found;
    bool newest = false; // no task was named
};
/// An error is one sentence: there is no such task, or none at all.
awaitable<result<chosen>> choose(app::database& db, std::optional<std::int64_t> named);

/// Prints "persais WORD: SENTENCE" on standard error; returns `code`.
int say(std::string_view word, std::string_view sentence, int code = 2);

} // namespace persais::cli
