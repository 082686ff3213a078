#pragma once
#include "app/database.hpp"
#include "queue/listing.hpp"

#include <functional>
#include <optional>
#include <string>

namespace persais::cli {

/// What a command about tasks does.
struct tasks_command {
    std::string_view word; // "show"
    app::database_options::purpose why = app::database_options::purpose::reading;
    std::function<awaitable<int>(app::database&, const config::settings&)> work;
    /// Where there is no database yet; it gets the words about where that is. Empty: a sentence on standard error, 2.
    std::function<int(const std::string& where)> none = {};
};
/// Reads the settings (wrong ones: exit code 2), opens the database (unreachable: 3), runs `work` to its end on a loop,
/// and closes everything. A service may run at the same time. Makes no database and no tables. The value is the exit
/// code; it is 0 when the reader closed our output, and 3 when the output could not be written.
int on_tasks(tasks_command what);

/// That there are no tasks, because there is no database yet; `where`: of app::database::nothing_there().
std::string no_tasks_at(const std::string& where);

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
