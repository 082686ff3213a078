// `persais memory` and `persais remember`: what is remembered of repositories, as the machine's owner sees it.
#include "cli/checkout.hpp"
#include "cli/commands.hpp"
#include "cli/memory_words.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/report.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "memory/limits.hpp"
#include "memory/notes.hpp"
#include "service/memory.hpp"

#include <limits>
#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

namespace {

constexpr auto word = "memory";

struct memory_request {
    std::string repository, text;
    std::int64_t item = 0, person = 0;
    int most = 20;
    bool untrue = false, json = false;
};

/// As for a task: what was named, else GIT_REMOTE_URL, else the remote of the checkout.
std::string named(const memory_request& what, const config::settings& settings) {
    if (!what.repository.empty() || !settings.git_remote_url.empty()) return what.repository;
    return remote_of_checkout().value_or("");
}

awaitable<int> shown(const memory_request& what, app::database& db, const config::settings& settings) {
    memory::wish wish{.words = what.text, .untrue = what.untrue, .most = what.most};
    if (!what.repository.empty()) {
        auto remote = co_await service::memory_of(db.pool(), settings, what.repository);
        if (!remote) co_return say(word, remote.error().sentence);
        wish.remote = std::move(*remote);
    }
    auto all = co_await memory::list(db.pool(), std::move(wish));
    if (!what.json) {
        put(stdout, memory_words(all));
        co_return 0;
    }
    for (const auto& one : all)
        if (!put(stdout, json_line(memory_json(one)))) break;
    co_return 0;
}

awaitable<int> remember(const memory_request& what, app::database& db, const config::settings& settings) {
    auto note = service::note_from(what.text);
    if (!note) co_return say("remember", note.error().sentence);
    auto remote = co_await service::memory_of(db.pool(), settings, named(what, settings));
    if (!remote) co_return say("remember", remote.error().sentence);
    auto done = co_await db.pool().transact({memory::add_note(*remote, *note, std::nullopt)});
    put(stdout, said<"Note {} of {} is kept.\n", "Заметка {} для {} сохранена.\n">(done.front().number(0, 0), *remote));
    co_return 0;
}

std::string none(std::int64_t item) {
    return said<"Nothing of the number {} is remembered: `persais memory list` shows the numbers.",
                "Под номером {} ничего не запомнено: номера показывает `persais memory list`.">(item);
}

awaitable<int> correct(const memory_request& what, app::database& db, const config::settings&) {
    auto note = service::note_from(what.text);
    if (!note) co_return say(word, note.error().sentence);
    auto done = co_await db.pool().transact({memory::correct(what.item, *note, std::nullopt)});
    if (done.front().empty()) co_return say(word, none(what.item));
    put(stdout, said<"Note {} takes the place of {}.\n", "Вместо {1} теперь заметка {0}.\n">(done.front().number(0, 0),
                                                                                             what.item));
    co_return 0;
}

awaitable<int> forget(const memory_request& what, app::database& db, const config::settings&) {
    if ((what.item == 0) == (what.person == 0))
        co_return say(word, said<"Say what: the number of an item, or --person with a person's.",
                                 "Скажите, что забыть: номер записи или --person с номером человека.">());
    auto done =
        co_await db.pool().transact({what.item ? memory::forget(what.item) : memory::forget_person(what.person)});
    auto gone = done.front().number(0, 0);
    if (gone == 0 && what.item) co_return say(word, none(what.item));
    put(stdout, said<"Forgotten: {0} {0:item|items}. Backups from before have it for as long as they are kept.\n",
                     "Забыто: {0} {0:запись|записи|записей}. В прежних резервных копиях это останется, пока их "
                     "хранят.\n">(number{gone}));
    co_return 0;
}

using work = awaitable<int> (*)(const memory_request&, app::database&, const config::settings&);

void runs(CLI::App* command, std::string_view called, std::shared_ptr<memory_request> what, work how, int& exit_code,
          app::database_options::purpose why = app::database_options::purpose::changing) {
    command->callback([called, what, how, why, &exit_code] {
        tasks_command all{
            .word = called, .why = why, .work = [what, how](app::database& db, const config::settings& s) {
                return how(*what, db, s);
            }};
        if (why == app::database_options::purpose::reading)
            all.none = [what](const std::string&) {
                if (!what->json) put(stdout, memory_words({}));
                return 0;
            };
        exit_code = on_tasks(std::move(all));
    });
}

void repository_option(CLI::App* command, memory_request& what, const std::string& about) {
    command->add_option("--repo", what.repository, about);
}

void list_options(CLI::App* command, memory_request& what) {
    repository_option(command, what, said<"only of this repository", "только об этом репозитории">());
    command->add_option("-n", what.most, said<"how many at most", "сколько показать, не больше">())
        ->check(whole_number(1, limits::memory_found))
        ->capture_default_str();
    command->add_flag("--json", what.json, said<"one JSON object a line", "по объекту JSON на строку">());
}

void item_option(CLI::App* command, memory_request& what, bool needed) {
    command->add_option("item", what.item, said<"the number of an item", "номер записи">())
        ->required(needed)
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()));
}

} // namespace

void add_memory(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<memory_request>();
    auto* command = app.add_subcommand(word, said<"what earlier tasks and people left to know of repositories",
                                                  "что известно о репозиториях от прежних задач и людей">());
    command->require_subcommand(1);
    using enum app::database_options::purpose;

    auto* listed = command->add_subcommand("list", said<"the newest first", "начиная с нового">());
    list_options(listed, *what);
    listed->add_flag("--all", what->untrue,
                     said<"also what is not given to tasks any more", "и то, что задачам "
                                                                      "больше не даётся">());
    runs(listed, word, what, shown, exit_code, reading);

    auto* search =
        command->add_subcommand("search", said<"what has to do with these words", "что связано со словами">());
    search->add_option("words", what->text, said<"in quotes", "в кавычках">())->required();
    list_options(search, *what);
    runs(search, word, what, shown, exit_code, reading);

    auto* corrected =
        command->add_subcommand("correct", said<"a note takes the place of an item", "заменить запись заметкой">());
    item_option(corrected, *what, true);
    corrected->add_option("text", what->text, said<"what is right, in quotes", "как правильно, в кавычках">())
        ->required();
    runs(corrected, word, what, correct, exit_code);

    auto* gone = command->add_subcommand(
        "forget", said<"remove an item with all of its task, or what a person said, everywhere",
                       "удалить запись со всем об её задаче или всё сказанное человеком, везде">());
    item_option(gone, *what, false);
    gone->add_option("--person", what->person, said<"their number in Telegram", "номер в Telegram">())
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()));
    runs(gone, word, what, forget, exit_code);
}

void add_remember(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<memory_request>();
    auto* command = app.add_subcommand(
        "remember", said<"a note for all later tasks of a repository", "заметка для всех будущих задач репозитория">());
    command
        ->add_option("note", what->text,
                     said<"in quotes; one that begins with \"always\" or \"never\" is given to "
                          "every task",
                          "в кавычках; начинающаяся со «всегда» или «никогда» даётся каждой "
                          "задаче">())
        ->required();
    repository_option(command, *what,
                      said<"URL, path or short name of the repository (default: GIT_REMOTE_URL, else this checkout's "
                           "remote)",
                           "URL, путь или короткое имя репозитория (по умолчанию GIT_REMOTE_URL, иначе удалённый "
                           "репозиторий этой рабочей копии)">());
    runs(command, "remember", what, remember, exit_code, app::database_options::purpose::making);
}

} // namespace persais::cli
