#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/run.hpp"
#include "cli/tongue.hpp"

#include <memory>

#include <CLI/CLI.hpp>

namespace persais::cli {

void add_run(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<run_request>();
    auto* run = app.add_subcommand(
        "run", said<"one task in the foreground, to its end", "одна задача здесь и сейчас, до конца">());
    run->add_option("instruction", what->instruction,
                    said<"what should change, in quotes", "что изменить, в кавычках">());
    run->add_option(
        "--repo", what->repo,
        said<"URL, path or short name of the repository (default: GIT_REMOTE_URL, else this checkout's remote)",
             "URL, путь или короткое имя репозитория (по умолчанию GIT_REMOTE_URL, иначе удалённый репозиторий этой "
             "рабочей копии)">());
    run->add_option("--setup", what->setup,
                    said<"command that installs what the checks need; has the network",
                         "команда, которая ставит нужное для проверок; сеть ей доступна">());
    run->add_option("--check", what->check,
                    said<"command that is green when the change is good; has no network",
                         "команда, которая проходит, если изменение хорошее; сеть ей недоступна">());
    run->add_option("--base", what->base,
                    said<"branch that the change stands on (default: the remote's HEAD)",
                         "ветка, от которой делается изменение (по умолчанию HEAD удалённого репозитория)">());
    run->add_option("--resume", what->resume,
                    said<"go on with this interrupted task", "продолжить эту прерванную задачу">())
        ->check(task_number());
    run->add_option("--from-answer", what->from_answer,
                    said<"make the change that the answer to this question proposes",
                         "сделать изменение, предложенное в ответе на этот вопрос">())
        ->check(task_number());
    run->add_flag("--detach,-d", what->detach,
                  said<"leave it to the service (persais serve) and print its number",
                       "оставить сервису (persais serve) и вывести номер">());
    run->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    run->callback([what, &exit_code] { exit_code = cli::run(*what); });
}

} // namespace persais::cli
