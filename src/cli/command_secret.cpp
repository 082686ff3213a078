// `persais secret`: secrets of the settings that are set, and changed, while the service runs.
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/secret.hpp"
#include "cli/tongue.hpp"
#include "service/run_time_secrets.hpp"

#include <CLI/CLI.hpp>

namespace persais::cli {

namespace {

using request = std::shared_ptr<secret_request>;
using enum app::database_options::purpose;

/// The command line takes any word here: what is no secret that can be set is refused with what to do instead.
void takes_name(CLI::App* command, const request& what) {
    command
        ->add_option(
            "name", what->name,
            said<"which setting, such as OPENROUTER_API_KEY", "какая настройка, например OPENROUTER_API_KEY">())
        ->required();
}

} // namespace

void add_secret(CLI::App& app, int& exit_code) {
    auto* all = app.add_subcommand(
        "secret", said<"secrets that are set while the service runs: stored sealed, before files and the environment",
                       "секреты, заданные во время работы: хранятся зашифрованными и главнее файлов и окружения">());
    all->require_subcommand(1);

    auto set = std::make_shared<secret_request>();
    auto* setting = all->add_subcommand(
        "set", said<"set one; what can be tried is tried first, and one that is refused changes nothing",
                    "задать секрет; сначала он проверяется, если это возможно, и отвергнутый ничего не меняет">());
    takes_name(setting, set);
    setting->add_flag("--from-stdin", set->from_stdin,
                      said<"read it from standard input (default: asked for on a terminal)",
                           "прочитать со стандартного ввода (по умолчанию в терминале — спросить)">());
    setting->add_flag("--untried", set->untried, said<"do not try it first", "не проверять сначала">());
    setting->callback([set, &exit_code] {
        exit_code =
            on_tasks({.word = "secret", .why = making, .work = [set](app::database& db, const config::settings& s) {
                          return secret_set(*set, db, s);
                      }});
    });

    auto unset = std::make_shared<secret_request>();
    auto* taking = all->add_subcommand("unset", said<"take one back: its file or the environment counts again",
                                                     "убрать: снова считается его файл или окружение">());
    takes_name(taking, unset);
    taking->callback([unset, &exit_code] {
        exit_code = on_tasks(
            {.word = "secret",
             .why = changing,
             .work = [unset](app::database& db, const config::settings& s) { return secret_unset(*unset, db, s); },
             .none = [](const std::string& where) { return say("secret", in_tongue(where)); }});
    });

    auto reseal = std::make_shared<secret_request>();
    auto* changing_key = all->add_subcommand(
        "reseal", said<"change the master key: everything is sealed with a new one, while both are read",
                       "сменить мастер-ключ: всё шифруется новым, пока читаются оба">());
    changing_key->add_flag("--from-stdin", reseal->from_stdin,
                           said<"the new key is read from standard input (default: one is made)",
                                "прочитать новый ключ со стандартного ввода (по умолчанию он создаётся)">());
    changing_key->add_flag("--finish", reseal->finish,
                           said<"end the change: the old key opens nothing any more",
                                "завершить смену: старый ключ больше ничего не открывает">());
    changing_key->callback([reseal, &exit_code] {
        exit_code = on_tasks(
            {.word = "secret",
             .why = changing,
             .work = [reseal](app::database& db, const config::settings& s) { return secret_reseal(*reseal, db, s); },
             .none = [](const std::string& where) { return say("secret", in_tongue(where)); }});
    });

    auto list = std::make_shared<secret_request>();
    auto* each = all->add_subcommand(
        "list", said<"where each secret comes from; no value is shown", "откуда взят каждый секрет; без значений">());
    each->add_flag("--json", list->json, said<"one JSON object a line", "по объекту JSON на строку">());
    each->callback([list, &exit_code] {
        exit_code = on_tasks(
            {.word = "secret",
             .why = reading,
             .work = [list](app::database& db, const config::settings& s) { return secret_list(*list, db, s); },
             .none = [list](const std::string&) { return secret_list_without_database(*list); }});
    });
}

} // namespace persais::cli
