#include "base/colours.hpp"
#include "cli/commands.hpp"
#include "cli/limits.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/pager.hpp"
#include "cli/task_diff.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "git/changes.hpp"
#include "git/layout.hpp"
#include "service/diffs.hpp"

#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

struct diff_request {
    std::optional<std::int64_t> task;
    bool stat = false;
    bool turn = false;
    std::string colour = "auto";
};

/// The changed files, and how many lines changed in each.
awaitable<git::outcome<std::string>> stat_of(const git::mirror& at, std::string from,
                                             const git::commit_id& commit) { // show_diff() owns both
    git::layout folder{at.folder()};
    auto ask = git::diff_command(folder, "diff",
                                 {fmt::format("--stat={}", columns_of(stdout)), "--summary", "--find-renames",
                                  "--no-color", from, commit, "--"});
    ask.settings.emplace_back("core.quotePath=false"); // spelled_out() protects the terminal; Кот.py stays readable
    auto listed = co_await folder.run(std::move(ask));
    if (!listed.ok())
        co_return std::unexpected(git::explain_local(listed, told<"Counting the changes", "Подсчёт изменений">()));
    co_return std::move(listed.output);
}

/// Unchanged for a file or a pipe, so that `git apply` accepts it; escaped for a terminal.
std::string for_reader(const diff_request& what, std::string_view diff) {
    bool terminal = ::isatty(STDOUT_FILENO) == 1;
    bool colour = what.colour == "always" || (what.colour == "auto" && coloured(STDOUT_FILENO));
    return terminal || colour ? shown_diff(diff, colour && !what.stat) : std::string(diff);
}

awaitable<int> show_diff(const diff_request& what, app::database& db, const config::settings& settings) {
    auto which = co_await choose(db, what.task); // `what` outlives the command's loop
    if (!which) co_return say("diff", which.error());
    const auto& t = which->found.task;
    if (which->newest)
        fmt::print(stderr, "{}", said<"Task {}, the newest:\n", "Задача {}, самая новая:\n">(t.id.value));
    const auto* work = t.known.held_back ? &t.known.held_back->what.made
                       : t.known.made    ? &*t.known.made
                                         : mechanic::pushed_work(t); // the latter: of the turns before
    if (!work) co_return say("diff", no_diff_words(t), 1);
    const service::remote_tokens none; // reading needs no token
    service::mirror_diffs diffs(settings.data / "mirrors", settings, none);
    auto mirror = co_await diffs.holding(t, work->commit);
    if (!mirror) co_return say("diff", elsewhere_words(t), 1);
    const auto& commit = work->commit;
    auto from = what.turn ? commit + "^" : t.known.base; // a turn is one commit
    auto made = what.stat ? co_await stat_of(*mirror, from, commit)
                          : co_await mirror->diff(from, commit, limits::diff_shown_bytes);
    if (!made) co_return say("diff", made.error().sentence, 3);
    page(for_reader(what, *made));
    constexpr std::size_t near = 1024 * 1024; // a diff is cut at a line's end, so that a cut one is a little shorter
    if (made->size() + near > limits::diff_shown_bytes)
        fmt::print(stderr, "{}",
                   said<"At most {} MiB of a diff are shown; what is beyond is on the branch.\n",
                        "Показано не больше {} МиБ диффа; остальное есть в ветке.\n">(limits::diff_shown_bytes >> 20));
    co_return 0;
}

} // namespace

void add_diff(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<diff_request>();
    auto* command =
        app.add_subcommand("diff", said<"what a task changed, as a patch", "что изменила задача, в виде патча">());
    command
        ->add_option("task", what->task,
                     said<"its number (default: the newest task)", "номер задачи (по умолчанию самая новая)">())
        ->check(task_number());
    command->add_flag("--stat", what->stat,
                      said<"only which files, and how much of each", "только какие файлы и насколько">());
    command->add_flag(
        "--turn", what->turn,
        said<"only what its last turn changed, not the whole branch", "только последнее дополнение, а не вся ветка">());
    command
        ->add_option("--colour,--color", what->colour,
                     said<"auto (on a terminal), always or never",
                          "цвет: auto (на терминале), always (всегда) или never (никогда)">())
        ->check(choice_of({"auto", "always", "never"}))
        ->capture_default_str();
    command->callback([what, &exit_code] {
        exit_code = on_tasks({.word = "diff", .work = [what](app::database& db, const config::settings& settings) {
                                  return show_diff(*what, db, settings);
                              }});
    });
}

} // namespace persais::cli
