#include "cli/on_tasks.hpp"

#include "base/text.hpp"
#include "cli/at_database.hpp"
#include "cli/commands.hpp"
#include "cli/in_force.hpp"
#include "cli/log.hpp"
#include "cli/tongue.hpp"

#include <cerrno>

#include <fmt/format.h>

namespace persais::cli {

int on_tasks(tasks_command what) {
    auto settings = settings_or_say();
    if (!settings) return 2;
    set_up_log(*settings, spdlog::level::err);
    if (!what.none) what.none = [&](const std::string& where) { return say(what.word, no_tasks_at(where)); };
    int code = at_database(*settings, {what.why,
                                       [&](app::database& db) -> awaitable<int> {
                                           co_await put_in_force(db.pool(), *settings, spdlog::level::err);
                                           co_return co_await what.work(db, *settings);
                                       },
                                       std::move(what.none)});
    errno = 0;
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
    if (errno == EPIPE || errno == 0) return code; // the reader closed the pipe, as `| head` does
    return say("",
               told<"the output could not be written: {}", "вывод не удалось записать: {}">(
                   std::generic_category().message(errno)),
               3);
}

std::string no_tasks_at(const std::string& where) {
    return told<"There are no tasks yet: {}; `persais run --detach \"what should change\"` adds one.",
                "Задач пока нет: {}; добавить: `persais run --detach \"что изменить\"`.">(where);
}

awaitable<result<chosen>> choose(app::database& db, std::optional<std::int64_t> named) {
    auto id = named ? std::optional(task_id{*named}) : co_await queue::newest(db.pool());
    if (!id)
        co_return fail(told<"There are no tasks yet; `persais run --detach \"what should change\"` adds one.",
                            "Задач пока нет; добавить: `persais run --detach \"что изменить\"`.">());
    auto found = co_await db.tasks().load(*id);
    if (!found) co_return fail(told<"There is no task {}.", "Задачи {} нет.">(id->value));
    co_return chosen{std::move(*found), !named};
}

int say(std::string_view word, std::string_view sentence, int code) {
    fmt::print(stderr, "persais{}{}: {}\n", word.empty() ? "" : " ", word, text::printable(in_tongue(sentence)));
    return code;
}

} // namespace persais::cli
