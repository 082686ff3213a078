#include "worker/judge_run.hpp"

#include "base/told.hpp"
#include "checks/feedback.hpp"
#include "worker/limits.hpp"

#include <fmt/format.h>

namespace persais::worker {

namespace {

using mechanic::check_outcome;
using sandbox::ended;

std::string all_output(const sandbox::child_result& r) {
    return r.output + (r.error.empty() ? "" : "\n" + r.error);
}

check_verdict could_not(std::string sentence, std::string feedback) {
    return {check_outcome::could_not_run, std::move(feedback), std::move(sentence)};
}

/// The end of a sentence that begins with the command; `late` is used for a command that took too long.
std::string how_it_ended(const sandbox::child_result& r, std::string late) {
    switch (r.how) {
    case ended::exited:
        return told<"ended with code {}", "закончилось с кодом {}">(r.code);
    case ended::timed_out:
        return late;
    case ended::out_of_memory:
        return sandbox::memory_words(r);
    case ended::could_not_start:
        return told<"could not be started (error {})", "не удалось запустить (ошибка {})">(r.code);
    default:
        return told<"was killed by signal {}", "убито сигналом {}">(r.code);
    }
}

/// For the coder: which command ended how, and what it printed.
std::string printed(const std::string& what, const std::string& how, const sandbox::child_result& r) {
    return fmt::format("{} {}. It printed:\n\n{}", what, how,
                       checks::useful_part(all_output(r), limits::feedback_bytes));
}

check_verdict over_disk(std::string sentence, const std::string& what, const sandbox::child_result& r) {
    return {.how = check_outcome::could_not_run,
            .feedback = printed(what, sandbox::disk_words(r), r),
            .could_not_run = std::move(sentence),
            .over_disk = true};
}

long seconds(std::chrono::milliseconds timeout) {
    return std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
}

} // namespace

check_verdict judge_setup(const sandbox::child_result& r, const std::string& command,
                          std::chrono::milliseconds timeout) {
    if (r.ok()) return {};
    if (r.how == ended::out_of_disk)
        return over_disk(
            told<"The setup `{}` {}. A larger TASK_DISK_MB gives each task more.",
                 "Подготовка `{}`: {}. Больше места каждой задаче даст TASK_DISK_MB.">(command, sandbox::disk_words(r)),
            "The setup `" + command + "`", r);
    auto what = how_it_ended(r, told<"did not end within {} s", "не закончилось за {} с">(seconds(timeout)));
    if (auto missing = checks::missing_tool(r.code, all_output(r)); !missing.empty()) what += " (" + missing + ")";
    auto sentence = told<"The setup `{}` {}, so the checks could not run. Its last words:\n{}",
                         "Подготовка `{}` не удалась ({}), поэтому проверки не запустились. Её последние слова:\n{}">(
        command, what, checks::useful_part(all_output(r), limits::setup_words_bytes));
    auto feedback = printed("The setup `" + command + "`", what, r);
    return could_not(std::move(sentence), std::move(feedback));
}

check_verdict judge_check(const sandbox::child_result& r, const std::string& command,
                          std::chrono::milliseconds timeout) {
    if (r.ok()) return {check_outcome::green, "", ""};
    if (r.how == ended::out_of_disk)
        return over_disk(
            told<"The check `{}` {}. A larger TASK_DISK_MB gives each task more.",
                 "Проверка `{}`: {}. Больше места каждой задаче даст TASK_DISK_MB.">(command, sandbox::disk_words(r)),
            "The check `" + command + "`", r);
    auto how = how_it_ended(r, fmt::format("was not done after {} s and was stopped", seconds(timeout)));
    auto feedback = printed("`" + command + "`", how, r);
    if (r.how == ended::could_not_start)
        return could_not(
            told<"The check `{}` could not be started (error {}).", "Проверку `{}` не удалось запустить (ошибка {}).">(
                command, r.code),
            std::move(feedback));
    if (r.how == ended::exited)
        if (auto missing = checks::missing_tool(r.code, all_output(r)); !missing.empty())
            return could_not(told<"The check `{}` could not run: {}. Install it on this machine or with a setup "
                                  "command (`--setup`).",
                                  "Проверка `{}` не запускается: {}. Установите нужное на этой машине или командой "
                                  "подготовки (`--setup`).">(command, missing),
                             std::move(feedback));
    bool late = r.how == ended::timed_out;
    return {late ? check_outcome::timed_out : check_outcome::red, std::move(feedback), ""};
}

} // namespace persais::worker
