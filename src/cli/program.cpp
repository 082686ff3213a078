#include "cli/program.hpp"

#include "cli/commands.hpp"
#include "cli/examples.hpp"
#include "cli/version.hpp"

#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::string_view exit_codes =
    "Exit codes:\n"
    "  0    ready, or ready but unchecked: the branch is pushed; done\n"
    "  1    the task did not succeed, its verdict says why; doctor: something fails\n"
    "  2    wrong use or settings: one line says what\n"
    "  3    something that is needed is broken: database, disk, sandbox\n"
    "  130  interrupted\n"
    "\n"
    "`persais help COMMAND` says more of one, with examples; `persais man` is the "
    "manual.";

struct group {
    const char* name;
    std::vector<void (*)(CLI::App&, int&)> commands;
};

/// In the order of the help.
std::vector<group> groups() {
    return {{"To begin", {add_init, add_doctor, add_demo, add_config}},
            {"To have something done", {add_run, add_ask, add_reply, add_retry}},
            {"To look at tasks", {add_tasks, add_show, add_diff, add_log}},
            {"To decide about tasks", {add_abort, add_budget}},
            {"The service", {add_serve}},
            {"About the program", {add_help, add_man, add_completion, add_version}}};
}

void add_examples(CLI::App& app, const std::string& path) {
    for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        auto name = path.empty() ? command->get_name() : path + " " + command->get_name();
        auto shown = examples_of(name);
        if (!shown.empty()) {
            auto text = fmt::format("Examples:\n{}", shown);
            auto further = command->get_footer();
            command->footer(further.empty() ? text : text + "\n" + further);
        }
        add_examples(*command, name);
    }
}

} // namespace

void make_program(CLI::App& app, int& exit_code) {
    app.description("Persais: write what should change; it is changed, checked and pushed as a branch.");
    app.name("persais");
    app.set_version_flag("--version", fmt::format("persais {}", version), "print the version");
    app.get_formatter()->label("OPTIONS", "FLAGS");
    app.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app.get_formatter()->label("Positionals", "Words");
    app.get_formatter()->label("REQUIRED", "(needed)");
    app.get_formatter()->label("TEXT", "WORDS");
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
    app.footer(std::string(exit_codes));
}

} // namespace persais::cli
