#include "cli/commands.hpp"
#include "cli/tongue.hpp"

#include <csignal>
#include <cstdio>
#include <system_error>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

/// The demo's script: installed beside the project and the scripted answers, or in the checkout that this binary was
/// built in.
fs::path demo_script(const fs::path& exe_folder) {
    for (const char* place : {"../lib/persais/demo/demo", "../../../scripts/demo"}) {
        auto script = (exe_folder / place).lexically_normal();
        if (::access(script.c_str(), X_OK) == 0) return script;
    }
    return {};
}

int demo(const fs::path& folder) {
    std::error_code ec;
    const auto exe = fs::read_symlink("/proc/self/exe", ec);
    const auto script = demo_script(exe.parent_path());
    if (script.empty()) {
        fmt::print(stderr, "{}",
                   said<"The demo (lib/persais/demo) is not installed beside {}.\n",
                        "Демонстрация (lib/persais/demo) не установлена рядом с {}.\n">(exe.parent_path().string()));
        return 3;
    }
    fs::create_directories(folder.parent_path(), ec); // the script reports an error
    std::signal(SIGPIPE, SIG_DFL);                    // main() ignores it, and a shell would pass that on
    ::execl(script.c_str(), script.c_str(), "--program", exe.c_str(), "--folder", folder.c_str(), nullptr);
    fmt::print(stderr, "{}",
               said<"{} cannot be started: {}\n", "Не удалось запустить {}: {}\n">(
                   script.string(), std::generic_category().message(errno)));
    return 3;
}

} // namespace

void add_demo(CLI::App& app, int& exit_code) {
    auto* demo_command =
        app.add_subcommand("demo", said<"a real change to a small project of its own, pushed to a remote of its own; "
                                        "needs no key, no repository and no database",
                                        "настоящее изменение в маленьком собственном проекте с собственным удалённым "
                                        "репозиторием; не нужны ни ключ, ни репозиторий, ни база данных">());
    demo_command->callback([&exit_code] {
        auto settings = settings_or_say();
        exit_code = settings ? demo(settings->data / "demo") : 2;
    });
}

} // namespace persais::cli
