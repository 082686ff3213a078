#include "coder/aider.hpp"

#include "base/told.hpp"
#include "coder/aider_protocol.hpp"
#include "coder/limits.hpp"
#include "coder/prepared_agent.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/process.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

namespace persais::coder {

aider::aider(const sandbox::backend& confine, aider_installation where, std::function<aider_options()> options,
             prepared_agent* prepared)
    : confine_(confine), where_(std::move(where)), options_(std::move(options)), prepared_(prepared) {}

sandbox::child_spec aider::program(const job& what) const {
    return {.argv = {(where_.environment / "bin/python").string(), "-I", where_.wrapper.string()},
            .environment = environment_of(confine_.inside(what.place, what.place.home)),
            .folder = confine_.inside(what.place, what.place.tree),
            .total = what.limits.total,
            .idle = what.limits.idle,
            .limits = {.open_files = limits::task_open_files},
            .sign_of_life = what.limits.last_sign};
}

/// A sandbox for a clone that cannot be made has done nothing yet: then the program is started cold.
awaitable<sandbox::child_result> aider::run_program(const job& what, sandbox::conversation talk) const {
    auto spec = program(what);
    if (prepared_) spec.clone = prepared_->offer();
    auto offered = spec.clone;
    // As soon as it is known, because until then each further run waits for a clone in vain.
    if (offered)
        spec.on_begin = [this, offered](int error) {
            if (error == keeper::other_build)
                prepared_->give_up(*offered, "it was made for another persais-keeper than the one that is there now");
            else if (error != 0)
                prepared_->give_up(*offered,
                                   std::string("a clone did not get into its sandbox: ") + std::strerror(error));
        };
    auto result = co_await sandbox::run_process(confine_.confine(std::move(spec), what.place), talk);
    using sandbox::ended;
    if (!offered || result.cloned || result.how != ended::could_not_start) co_return result;
    prepared_->give_up(*offered, "a sandbox for a clone could not be made");
    co_return co_await sandbox::run_process(confine_.confine(program(what), what.place), talk);
}

awaitable<report> aider::run(job what, listener tell) const {
    what.place.tags = what.tags;
    std::ranges::move(tools_of(where_), std::back_inserter(what.place.tools));
    aider_paths inside{.tree = confine_.inside(what.place, what.place.tree),
                       .scratch = confine_.inside(what.place, what.place.home),
                       .gateway_socket = confine_.inside(what.place, what.place.gateway),
                       .tags = what.tags.empty() ? "" : confine_.inside(what.place, what.tags)};
    report_reader reader;
    auto hand_job_over_and_listen = [&](sandbox::process& with) -> awaitable<void> {
        co_await with.write(to_json(what, inside, options_()));
        with.close_input();
        for (bool first = true; auto line = co_await with.read_line(); first = false) {
            if (!line->cut) reader.read(line->text, tell);
            if (first && prepared_) prepared_->loaded();
        }
    };
    auto result = co_await run_program(what, hand_job_over_and_listen);
    using sandbox::ended;
    switch (result.how) {
    case ended::timed_out:
        co_return report{
            .how = ending::timed_out,
            .reason =
                told<"The agent was stopped: it was not done after {} s.", "Агент остановлен: за {} с он не закончил.">(
                    std::chrono::duration_cast<std::chrono::seconds>(what.limits.total).count())};
    case ended::went_idle:
        co_return report{.how = ending::went_idle,
                         .reason = told<"The agent was stopped: nothing was heard of it or of the model for {} s.",
                                        "Агент остановлен: ни от него, ни от модели ничего не было слышно {} с.">(
                             std::chrono::duration_cast<std::chrono::seconds>(what.limits.idle).count())};
    case ended::out_of_memory:
        if (result.memory_bytes == 0) // it was the machine's memory: another attempt may find more
            co_return report{.how = ending::crashed,
                             .reason = fmt::format("The agent {}.", sandbox::memory_words(result))};
        co_return report{
            .how = ending::timed_out,
            .reason = told<"The agent {}; what it had changed is kept. More memory for the machine, "
                           "or fewer tasks at once (TASKS_PARALLEL), gives each task more.",
                           "Агент остановлен из-за памяти ({}); то, что он успел изменить, сохранено. Больше памяти "
                           "каждой задаче даст машина побольше или меньше задач одновременно (TASKS_PARALLEL).">(
                sandbox::memory_words(result))};
    case ended::out_of_disk:
        if (result.disk == keeper::disk_excess::reserve) // others may have taken it
            co_return report{.how = ending::crashed,
                             .reason = told<"The agent {}.", "Агент: {}.">(sandbox::disk_words(result))};
        co_return report{
            .how = ending::out_of_disk,
            .reason =
                told<"The agent {}; what it had changed is kept. A larger TASK_DISK_MB gives each task more.",
                     "Агент: {}; то, что он успел изменить, сохранено. Больше места каждой задаче даст TASK_DISK_MB.">(
                    sandbox::disk_words(result))};
    case ended::could_not_start:
        co_return report{
            .how = ending::crashed,
            .reason = told<"The agent's program could not be started (error {}); `make setup` installs it.",
                           "Программу агента не удалось запустить (ошибка {}); её ставит `make setup`.">(result.code)};
    case ended::signalled:
    case ended::interrupted:
    case ended::killed:
        co_return report{
            .how = ending::crashed,
            .reason = told<"The agent's program was killed by signal {}.", "Программа агента убита сигналом {}.">(
                result.code)};
    case ended::exited:
        break;
    }
    co_return reader.finish(result.code, result.error);
}

} // namespace persais::coder
