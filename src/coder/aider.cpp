#include "coder/aider.hpp"

#include "coder/limits.hpp"

#include <memory>

#include <fmt/format.h>

namespace persais::coder {

namespace {

sandbox::child_spec program(const installation& where, const job& what, const deadlines& d, const std::string& home) {
    return {.argv = {(where.environment / "bin/python").string(), "-I", where.wrapper.string()},
            // Nothing of the service's environment: no key, no proxy, no path of the host's own.
            .environment = {"HOME=" + home, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TERM=dumb",
                            "NO_COLOR=1", "PYTHONDONTWRITEBYTECODE=1", "LITELLM_LOCAL_MODEL_COST_MAP=True",
                            "PYTHONUTF8=1", "GIT_CONFIG_NOSYSTEM=1"},
            .folder = what.tree,
            .input = to_json(what),
            .total = d.total,
            .idle = d.idle,
            .limits = {.file_bytes = limits::task_file_bytes, .open_files = limits::task_open_files},
            .sign_of_life = d.last_sign};
}

} // namespace

awaitable<report> run_agent(const sandbox::ladder& confine, sandbox::view view, installation where, job what,
                            deadlines d, listener tell) {
    what.tree = confine.inside(view, view.tree);
    auto home = confine.inside(view, view.home);
    what.scratch = home;
    what.gateway_socket = confine.inside(view, view.gateway);
    auto reader = std::make_shared<report_reader>();
    auto spec = program(where, what, d, home);
    spec.on_output = [reader, tell](std::string_view bytes) {
        for (auto& line : reader->feed(bytes)) {
            auto& to = line.what == report_reader::line::kind::progress ? tell.progress : tell.text;
            if (to) to(line.text);
        }
    };
    auto result = co_await sandbox::run_child(confine.confine(std::move(spec), view));
    using sandbox::ended;
    switch (result.how) {
    case ended::timed_out:
        co_return report{.how = ending::timed_out,
                         .reason = fmt::format("The agent was stopped: it was not done after {} s.",
                                               std::chrono::duration_cast<std::chrono::seconds>(d.total).count())};
    case ended::went_idle:
        co_return report{.how = ending::went_idle,
                         .reason =
                             fmt::format("The agent was stopped: nothing was heard of it or of the model for {} s.",
                                         std::chrono::duration_cast<std::chrono::seconds>(d.idle).count())};
    case ended::out_of_memory:
        if (result.memory_bytes == 0) // the machine's: another attempt may find more
            co_return report{.how = ending::crashed,
                             .reason = fmt::format("The agent {}.", sandbox::memory_words(result))};
        co_return report{.how = ending::timed_out,
                         .reason =
                             fmt::format("The agent {}; what it had changed is kept. More memory for the machine, "
                                         "or fewer tasks at once (TASKS_PARALLEL), gives each task more.",
                                         sandbox::memory_words(result))};
    case ended::could_not_start:
        co_return report{
            .how = ending::crashed,
            .reason = fmt::format("The agent's program could not be started (error {}); `make setup` installs it.",
                                  result.code)};
    case ended::signalled:
    case ended::interrupted:
    case ended::killed:
        co_return report{.how = ending::crashed,
                         .reason = fmt::format("The agent's program was killed by signal {}.", result.code)};
    case ended::exited:
        break;
    }
    co_return reader->finish(result.code, result.error);
}

} // namespace persais::coder
