#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/repo.hpp"
#include "cli/report.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "service/repositories.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

namespace persais::cli {

namespace {

using request = std::shared_ptr<repo_request>;
using work = awaitable<int> (*)(const repo_request&, app::database&, const config::settings&);
using enum app::database_options::purpose;

/// What the subcommand does; where there is no database yet, there are no repositories.
void does(CLI::App* command, const request& what, work how, app::database_options::purpose why, int& exit_code) {
    command->callback([what, how, why, &exit_code] {
        exit_code = on_tasks(
            {.word = "repo",
             .why = why,
             .work = [what, how](app::database& db, const config::settings& s) { return how(*what, db, s); },
             .none =
                 [what](const std::string& where) {
                     if (what->name.empty() && what->json) return 0; // of `list`
                     return say("repo", said<"There are no repositories yet: {}.", "Репозиториев пока нет: {}.">(
                                            in_tongue(where)));
                 }});
    });
}

void takes_name(CLI::App* command, const request& what) {
    command->add_option("name", what->name, said<"its short name, or its address", "короткое имя или адрес">())
        ->required();
}

void takes_key(CLI::App* command, const request& what) {
    command->add_option("setting", what->key, said<"which setting", "какая настройка">())
        ->required()
        ->check(choice_of(service::setting_names(), service::setting_names())); // an underscore is one of theirs
}

void takes_json(CLI::App* command, const request& what) {
    command->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
}

void takes_file(CLI::App* command, const request& what, const char* flag) {
    command->add_option(flag, what->file,
                        said<"file that it is read from; - is standard input (default: asked for, or standard input)",
                             "файл, из которого прочитать; - — стандартный ввод (по умолчанию: спросить или "
                             "стандартный ввод)">());
}

/// Each setting in a line, below the help of `set`.
std::string meanings() {
    auto text = said<"Settings:\n", "Настройки:\n">();
    for (const auto& each : service::settings_of({}))
        text += fmt::format("  {:<16} {}\n", each.name, in_tongue(each.about));
    return text;
}

void add_repo_add(CLI::App* repo, int& exit_code) {
    auto what = std::make_shared<repo_request>();
    auto* add = repo->add_subcommand("add", said<"add one; it is tried first", "добавить; сначала он проверяется">());
    add->add_option("url", what->url, said<"its address", "его адрес">())->required();
    add->add_option("--name", what->name,
                    said<"short name (default: owner/name of the address)",
                         "короткое имя (по умолчанию владелец/имя из адреса)">());
    add->add_option("--base", what->base, said<"branch that work starts from", "ветка, от которой начинать работу">());
    add->add_option(
        "--setup", what->setup,
        said<"command that installs what the checks need", "команда, которая ставит нужное для проверок">());
    add->add_option(
        "--check", what->check,
        said<"command that is green when a change is good", "команда, которая проходит, если изменение хорошее">());
    add->add_option(
        "--token-file", what->file,
        said<"file with a token for it; - is standard input", "файл с токеном для него; - — стандартный ввод">());
    does(add, what, repo_add, making, exit_code);
}

void add_repo_settings(CLI::App* repo, int& exit_code) {
    auto set = std::make_shared<repo_request>();
    auto* setting = repo->add_subcommand("set", said<"set one of its settings", "задать настройку">());
    takes_name(setting, set);
    takes_key(setting, set);
    setting->add_option("value", set->value, said<"its value", "значение">())->required();
    setting->footer(meanings());
    does(setting, set, repo_set, changing, exit_code);

    auto unset = std::make_shared<repo_request>();
    auto* taking = repo->add_subcommand("unset", said<"take a setting back", "убрать настройку">());
    takes_name(taking, unset);
    takes_key(taking, unset);
    does(taking, unset, repo_unset, changing, exit_code);
}

void add_repo_secrets(CLI::App* repo, int& exit_code) {
    auto token = std::make_shared<repo_request>();
    auto* giving = repo->add_subcommand(
        "token",
        said<"give it a token of its own, which is stored sealed", "дать ему свой токен; он хранится зашифрованным">());
    takes_name(giving, token);
    takes_file(giving, token, "--file");
    giving->add_flag("--remove", token->back, said<"it has none any more", "больше его нет">());
    does(giving, token, repo_token, changing, exit_code);

    auto env = std::make_shared<repo_request>();
    auto* variables = repo->add_subcommand(
        "env", said<"its environment of secrets for setup and checks: the names, or set and unset one",
                    "его окружение с секретами для подготовки и проверок: имена или set и unset">());
    takes_name(variables, env);
    variables->add_option("action", env->value, said<"set or unset", "set или unset">())
        ->check(choice_of({"set", "unset"}));
    variables->add_option("variable", env->key, said<"which variable", "какая переменная">());
    takes_file(variables, env, "--file");
    does(variables, env, repo_env, changing, exit_code);
}

} // namespace

void add_repo(CLI::App& app, int& exit_code) {
    auto* repo = app.add_subcommand("repo", said<"the repositories that are worked on, and their settings",
                                                 "репозитории, с которыми идёт работа, и их настройки">());
    repo->require_subcommand(1);
    auto list = std::make_shared<repo_request>();
    auto* all = repo->add_subcommand("list", said<"all of them", "все">());
    takes_json(all, list);
    does(all, list, repo_list, reading, exit_code);
    add_repo_add(repo, exit_code);
    auto show = std::make_shared<repo_request>();
    auto* one = repo->add_subcommand("show", said<"one, with all its settings", "один, со всеми настройками">());
    takes_name(one, show);
    takes_json(one, show);
    does(one, show, repo_show, reading, exit_code);
    add_repo_settings(repo, exit_code);
    add_repo_secrets(repo, exit_code);
    auto remove = std::make_shared<repo_request>();
    auto* gone = repo->add_subcommand(
        "remove", said<"forget it, with its settings and secrets", "убрать вместе с настройками и секретами">());
    takes_name(gone, remove);
    does(gone, remove, repo_remove, changing, exit_code);
}

} // namespace persais::cli
