#include "cli/commands.hpp"
#include "cli/export_folder.hpp"
#include "cli/limits.hpp"
#include "cli/on_tasks.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "cli/version.hpp"

#include <ctime>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>

namespace persais::cli {

namespace {

awaitable<int> write_export(std::string folder, app::database& db) {
    auto made = export_folder::make(folder);
    if (!made) co_return say("export", made.error());
    std::int64_t rows = 0;
    auto tables = co_await queue::exported_tables(db.pool());
    for (const auto& table : tables) {
        if (auto begun = made->begin(table); !begun) co_return say("export", begun.error(), 3);
        rows += co_await queue::export_rows(db.pool(), table, limits::export_rows_at_once,
                                            [&](std::string_view line) { return made->add(line); });
        put(stdout, said<"{}: {} rows\n", "{}: строк: {}\n">(table.name, made->rows()));
    }
    auto ended = made->end(version(), fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))));
    if (!ended) co_return say("export", ended.error(), 3);
    put(stdout,
        said<"{} tables with {} rows are in {}; schema.json describes them. It holds what people wrote; no secret "
             "is in it.\n",
             "Таблиц: {}, строк: {}; они в {}, описание — schema.json. Там то, что писали люди; секретов в ней "
             "нет.\n">(tables.size(), rows, made->path().string()));
    co_return 0;
}

} // namespace

void add_export(CLI::App& app, int& exit_code) {
    auto folder = std::make_shared<std::string>();
    auto* command = app.add_subcommand(
        "export", said<"all that Persais knows, as JSON Lines with a description, without secrets, into a new folder",
                       "всё, что знает Persais, как JSON Lines с описанием, без секретов, в новую папку">());
    command->add_option("folder", *folder, said<"a folder that is not there yet", "папка, которой ещё нет">())
        ->required();
    command->callback([folder, &exit_code] {
        exit_code = on_tasks({.word = "export", .work = [folder](app::database& db, const config::settings&) {
                                  return write_export(*folder, db);
                              }});
    });
}

} // namespace persais::cli
