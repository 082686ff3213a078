#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

void add_ask(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<run_request>();
    what->command = "ask";
    what->question = true;
    auto* ask = app.add_subcommand(
        "ask", said<"a question about the code, answered; nothing is changed", "спросить о коде, ничего не меняя">());
    ask->add_option("question", what->instruction, said<"in quotes", "вопрос, в кавычках">())->required();
    ask->add_option(
        "--repo", what->repo,
        said<"URL, path or short name of the repository (default: GIT_REMOTE_URL, else this checkout's remote)",
             "URL, путь или короткое имя репозитория (по умолчанию GIT_REMOTE_URL, иначе удалённый репозиторий этой "
             "рабочей копии)">());
    ask->add_option("--base", what->base,
                    said<"branch that is asked about (default: the remote's HEAD)",
                         "ветка, о которой вопрос (по умолчанию HEAD удалённого репозитория)">());
    ask->add_flag("--detach,-d", what->detach,
                  said<"leave it to the service (persais serve) and print its number",
                       "оставить сервису (persais serve) и вывести номер">());
    ask->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    ask->callback([what, &exit_code] { exit_code = cli::run(*what); });
}

} // namespace persais::cli
