#include "app/limits.hpp"
#include "app/serve.hpp"
#include "cli/commands.hpp"
#include "cli/log.hpp"
#include "cli/tongue.hpp"
#include "cli/version.hpp"
#include "config/documents.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

int serve() {
    auto settings = config::reloader::start(config::process_environment(), fs::current_path());
    if (!settings) {
        for (auto& line : settings.error())
            fmt::print(stderr, "persais: {}\n", in_tongue(line));
        return 2;
    }
    program_log log((*settings)->now(), spdlog::level::trace);
    spdlog::info("{} starts", full_version());
    for (const auto& note : (*settings)->now().notes)
        spdlog::warn("{}", note);
    std::error_code ec;
    app::serve_options options{
        .exe_folder = fs::read_symlink("/proc/self/exe", ec).parent_path(),
        .version = std::string(version()),
        .renew_log = [&](const config::settings& now) { log.renew(now); },
        .hide = [&](const secret& hidden) { log.hide(hidden); },
        .line_of_log = [&](std::string_view text) { return log.line(spdlog::level::critical, text); }};
    asio::io_context io(1);
    int code = 3;
    bool over = false;
    asio::co_spawn(io, app::serve(**settings, std::move(options)), [&](std::exception_ptr error, result<int> ended) {
        over = true;
        if (error) {
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& e) {
                spdlog::critical("{}", e.what());
            }
        } else if (!ended) {
            fmt::print(stderr, "persais serve: {}\n", in_tongue(ended.error()));
            code = 2;
        } else {
            code = *ended;
        }
    });
    while (!over && io.run_one() > 0) {
    }
    io.run_for(limits::leave_rest);
    if (!io.stopped()) { // a defect of ours, which must not delay a program that waits for our end
        spdlog::error("something was still under way at the end and is cut off");
        ::_exit(code);
    }
    return code;
}

} // namespace

void add_serve(CLI::App& app, int& exit_code) {
    auto* command =
        app.add_subcommand("serve", said<"the service: takes tasks and works on them, until it is told to leave",
                                         "сервис: берёт задачи и выполняет их, пока его не остановят">());
    command->footer([] { return config::settings_help(); });
    command->callback([&exit_code] { exit_code = serve(); });
}

} // namespace persais::cli
