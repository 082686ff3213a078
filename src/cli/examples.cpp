#include "cli/examples.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::array all{
    example{"init", "init", "asks for what is missing, tries each answer, writes .env here"},
    example{"init", "init --yes --no-test", "asks nothing and tries nothing: for a script"},
    example{"doctor", "doctor", "tries all that is set: model, remote, database, sandbox"},
    example{"doctor", "doctor --offline", "only what is on this machine, and the database"},
    example{"demo", "demo", "a change from beginning to end, without a key or a repository"},
    example{"config check", "config check", "every setting and where its value comes from"},
    example{"run", "run \"make the parser accept empty input\"", "in a checkout: its remote is the repository"},
    example{"run", "run --repo https://github.com/you/project --check \"pytest -q\" \"mend the login\"",
            "another repository, and how to check it"},
    example{"run", "run --detach \"mend the login\"", "the service does it; the number of the task is printed"},
    example{"run", "run --resume 17", "goes on with task 17 after a crash"},
    example{"run", "run --from-answer 18", "makes the change that the answer to question 18 proposes"},
    example{"ask", "ask \"why does the login need two requests?\"", "answered; nothing is changed"},
    example{"reply", "reply 17 \"and add a test for it\"", "one more commit on the branch of task 17"},
    example{"retry", "retry 17", "gives task 17 again, with the settings of today"},
    example{"tasks", "tasks", "those under way, in review, or ended within a day"},
    example{"tasks", "tasks --state waiting", "only those of which STATE says this"},
    example{"tasks", "tasks --all -n 100 --json", "for a program"},
    example{"show", "show", "the newest task"},
    example{"show", "show 17", "task 17"},
    example{"diff", "diff 17", "what task 17 changed"},
    example{"diff", "diff 17 --stat", "which files, and how much of each"},
    example{"log", "log --follow", "what the newest task does, until it has ended"},
    example{"abort", "abort 17", "ends task 17"},
    example{"budget", "budget 17 5", "task 17 may spend $5.00 in all"},
    example{"serve", "serve", "until Ctrl-C; /health on PORT"},
    example{"help", "help run", "what `persais run` takes"},
    example{"man", "man run", "the manual of `persais run`"},
    example{"completion", "completion bash", "the words for bash: source <(persais completion bash)"},
    example{"completion", "completion fish", "for fish: persais completion fish | source"},
    example{"version", "version", "the version of this program"},
};

} // namespace

std::span<const example> examples() {
    return all;
}

std::string examples_of(std::string_view command) {
    std::string out;
    for (const auto& each : all)
        if (each.command == command) out += fmt::format("  persais {}\n      {}\n", each.line, each.does);
    return out;
}

} // namespace persais::cli
