#include "cli/program.hpp"

#include "cli/commands.hpp"
#include "cli/examples.hpp"
#include "cli/tongue.hpp"
#include "cli/version.hpp"

namespace persais::cli {

namespace {

std::string exit_codes() {
    return said<
        "Exit codes:\n"
        "  0    ready, or ready but unchecked: the branch is pushed; done\n"
        "  1    the task did not succeed, its verdict says why; deploy, rollback: nothing was changed; doctor: "
        "something fails\n"
        "  2    wrong use or settings, or a question that nobody is there to answer\n"
        "       (`persais discard` asks, as does `abort` of a result; --yes answers): one line says what\n"
        "  3    something that is needed is broken: database, disk, sandbox\n"
        "  130  interrupted\n"
        "\n"
        "`persais help COMMAND` says more of one, with examples; `persais man` is the manual.",
        "Коды завершения:\n"
        "  0    задача готова (возможно, не проверена), ветка отправлена; всё сделано\n"
        "  1    задача не удалась, почему — говорит её итог; deploy, rollback: ничего не изменено; doctor: что-то не "
        "работает\n"
        "  2    неверная команда или настройки или вопрос, на который некому ответить\n"
        "       (`persais discard` спрашивает, как и `abort` о результате; ответ — --yes): одна строка говорит, что "
        "именно\n"
        "  3    сломалось что-то необходимое: база данных, диск, песочница\n"
        "  130  прервано\n"
        "\n"
        "Подробнее о команде, с примерами: `persais help КОМАНДА`; руководство: `persais man`.">();
}

struct group {
    std::string name;
    std::vector<void (*)(CLI::App&, int&)> commands;
};

/// In the order of the help.
std::vector<group> groups() {
    return {{said<"To begin", "Начало работы">(), {add_init, add_doctor, add_demo, add_config}},
            {said<"To have something done", "Дать работу">(), {add_run, add_ask, add_reply, add_retry, add_remember}},
            {said<"To look at tasks", "Посмотреть задачи">(),
             {add_tasks, add_show, add_diff, add_log, add_audit, add_memory, add_status}},
            {said<"To decide about tasks", "Решить судьбу задач">(),
             {add_deploy, add_rollback, add_discard, add_undiscard, add_push, add_abort, add_budget}},
            {said<"Money and people", "Деньги и люди">(), {add_costs, add_pause, add_resume, add_people}},
            {said<"The service", "Сервис">(),
             {add_serve, add_repo, add_secret, add_token, add_second_factor, add_backup, add_restore, add_export,
              add_support_bundle, add_uninstall}},
            {said<"About the program", "О программе">(), {add_help, add_man, add_completion, add_version}}};
}

std::string options_group() {
    return said<"Options", "Флаги">();
}

void add_examples(CLI::App& app, const std::string& path) {
    for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        auto name = path.empty() ? command->get_name() : path + " " + command->get_name();
        auto shown = examples_of(name);
        if (!shown.empty()) {
            auto text = said<"Examples:\n{}", "Примеры:\n{}">(shown);
            auto further = command->get_footer();
            command->footer(further.empty() ? text : text + "\n" + further);
        }
        command->get_option("--help")->group(options_group()); // the parser gives it one of its own
        add_examples(*command, name);
    }
}

} // namespace

void make_program(CLI::App& app, int& exit_code) {
    app.description(said<"Persais: write what should change; it is changed, checked and pushed as a branch.",
                         "Persais: напишите, что изменить; изменение будет сделано, проверено и отправлено веткой.">());
    app.name("persais");
    app.set_version_flag("--version", full_version(), said<"print the version", "вывести версию">());
    app.set_help_flag("-h,--help", said<"print this help", "вывести эту справку">());
    auto label = [&](const char* of_parser, const std::string& ours) { app.get_formatter()->label(of_parser, ours); };
    label("Usage", said<"Usage", "Использование">());
    label("OPTIONS", said<"FLAGS", "ФЛАГИ">());
    label("SUBCOMMAND", said<"COMMAND", "КОМАНДА">());
    label("SUBCOMMANDS", said<"COMMANDS", "КОМАНДЫ">());
    label("Positionals", said<"Words", "Слова">());
    label("REQUIRED", said<"(needed)", "(нужно)">());
    label("TEXT", said<"WORDS", "СЛОВА">());
    label("INT", said<"INT", "ЧИСЛО">());
    label("FLOAT", said<"FLOAT", "ЧИСЛО">());
    label("Excludes", said<"Excludes", "Не вместе с">());
    app.option_defaults()->group(options_group());
    app.get_option("--help")->group(options_group());
    app.get_option("--version")->group(options_group());
    app.require_subcommand(0, 1);
    for (const auto& [name, commands] : groups())
        for (auto* add : commands) {
            auto before = app.get_subcommands([](const CLI::App*) { return true; }).size();
            add(app, exit_code);
            auto all = app.get_subcommands([](const CLI::App*) { return true; });
            for (auto at = before; at < all.size(); ++at)
                all[at]->group(name);
        }
    add_write_documents(app, exit_code);
    add_examples(app, "");
    app.footer(exit_codes());
}

} // namespace persais::cli
