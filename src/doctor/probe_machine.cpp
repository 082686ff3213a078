// Probes of this machine: settings, data folder, memory, clock.
#include "base/told.hpp"
#include "coder/limits.hpp"
#include "coder/prepared_agent.hpp"
#include "config/table.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/memory.hpp"

#include <cmath>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::doctor {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

/// The owner of a folder that belongs to somebody else; empty: it is ours.
std::string foreign_owner(const fs::path& folder) {
    struct stat seen{};
    if (::stat(folder.c_str(), &seen) != 0 || seen.st_uid == ::geteuid()) return {};
    return told<"it belongs to user {} and Persais runs as {}",
                "она принадлежит пользователю {}, а Persais работает под {}">(seen.st_uid, ::geteuid());
}

/// Why nothing can be written there; empty: it is writable.
std::string why_not_writable(const fs::path& folder) {
    std::string file = folder / ".persais-doctor-XXXXXX";
    int fd = ::mkstemp(file.data());
    if (fd < 0) return std::generic_category().message(errno);
    bool written = ::write(fd, "x", 1) == 1;
    auto why = written ? "" : std::generic_category().message(errno);
    ::close(fd);
    ::unlink(file.c_str());
    return why;
}

/// The folder itself, or what is there of the way to it.
fs::path nearest_there(fs::path folder) {
    std::error_code ec;
    while (!fs::exists(folder, ec) && folder.has_relative_path())
        folder = folder.parent_path();
    return folder;
}

/// Where a secret comes from, in a word or two; empty: that is not known.
std::string source_of(const subject& of, std::size_t row) {
    using from = config::origin::from;
    if (row >= of.origins.size()) return {};
    switch (const auto& is = of.origins[row]; is.where) {
    case from::run_time:
        return told<"set at run time", "задан во время работы">();
    case from::secret_file:
        return told<"file {}", "файл {}">(is.path.string());
    case from::env_file:
        return ".env";
    case from::environment:
        return told<"environment", "окружение">();
    case from::standard:
        break;
    }
    return {};
}

} // namespace

std::string why_no_folder(const fs::path& data) {
    auto place = nearest_there(data);
    return place == data ? "" : why_not_writable(place);
}

finding probe_settings(const subject& of) {
    std::vector<std::string> secrets;
    json::array names, notes;
    json::object sources;
    for (std::size_t i = 0; const auto& row : config::table()) {
        auto source = source_of(of, i++);
        const auto* hidden = std::get_if<config::hidden>(&row.is);
        if (!hidden || (of.settings.*hidden->to).empty()) continue;
        names.emplace_back(row.name);
        if (!source.empty()) sources[row.name] = source;
        secrets.push_back(source.empty() ? std::string(row.name) : fmt::format("{} ({})", row.name, source));
    }
    for (const auto& note : of.settings.notes)
        notes.emplace_back(note);
    auto sentence =
        told<"The settings are valid; secrets that are set: {}.", "Настройки правильны; заданные секреты: {}.">(
            secrets.empty() ? "none" : fmt::format("{}", fmt::join(secrets, ", ")));
    json::object facts{{"secrets", std::move(names)},
                       {"secret_sources", std::move(sources)},
                       {"notes", std::move(notes)},
                       {"production", of.settings.app_env == config::mode::production}};
    if (of.settings.notes.empty()) return ok("settings", std::move(sentence), std::move(facts));
    return warn("settings", std::move(sentence), fmt::format("{}", fmt::join(of.settings.notes, " ")),
                std::move(facts));
}

finding probe_data(const subject& of) {
    const auto& data = of.settings.data;
    if (auto why = why_no_folder(data); !why.empty())
        return failed(
            "data",
            told<"The data folder {} cannot be made: {}.", "Папку данных {} не удалось создать: {}.">(data.string(),
                                                                                                      why),
            told<"Make it for the user that Persais runs as, or name another one in PERSAIS_DATA.",
                 "Создайте её для пользователя, под которым работает Persais, или укажите другую в PERSAIS_DATA.">());
    auto place = nearest_there(data);
    bool there = place == data;
    if (auto why = why_not_writable(place); !why.empty()) {
        auto owner = foreign_owner(data);
        return failed(
            "data",
            told<"Nothing can be written to the data folder {}: {}{}.",
                 "В папку данных {} ничего нельзя записать: {}{}.">(data.string(), why,
                                                                    owner.empty() ? "" : "; " + owner),
            told<"Give it to that user (chown -R), mount it writable, or name another folder in PERSAIS_DATA.",
                 "Отдайте её этому пользователю (chown -R), подключите с правом записи или укажите другую папку в "
                 "PERSAIS_DATA.">());
    }
    struct statvfs room{};
    if (::statvfs(place.c_str(), &room) != 0)
        return failed("data",
                      told<"The room in {} cannot be told: {}.", "Сколько места в {}, узнать не удалось: {}.">(
                          data.string(), std::generic_category().message(errno)),
                      told<"Name a folder on a local disk in PERSAIS_DATA.",
                           "Укажите в PERSAIS_DATA папку на локальном диске.">());
    auto free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
    auto total = static_cast<std::uint64_t>(room.f_blocks) * room.f_frsize;
    json::object facts{{"folder", data.string()}, {"free_bytes", free}, {"total_bytes", total}};
    auto says = told<"The data folder {} {}; {} are free", "Папка данных {} {}; свободно {}">(
        data.string(),
        there ? told<"can be written", "доступна для записи">()
              : told<"is not there yet and can be made", "пока не создана, и её можно создать">(),
        sandbox::mebibytes(free));
    auto advice = told<"Make room on that disk, or move PERSAIS_DATA to a larger one.",
                       "Освободите место на этом диске или перенесите PERSAIS_DATA на больший.">();
    if (free < limits::doctor_disk_least_bytes || (room.f_files > 0 && room.f_favail == 0))
        return failed("data",
                      told<"{}, which is too little to work in (at least {}).",
                           "{}, а этого для работы мало (нужно хотя бы {}).">(
                          says, sandbox::mebibytes(limits::doctor_disk_least_bytes)),
                      advice, std::move(facts));
    if (free < limits::doctor_disk_tight_bytes)
        return warn("data",
                    told<"{}, which a few large repositories fill (better: {}).",
                         "{}, а это заполнят несколько больших репозиториев (лучше {}).">(
                        says, sandbox::mebibytes(limits::doctor_disk_tight_bytes)),
                    advice, std::move(facts));
    if (auto owner = foreign_owner(data); !owner.empty() && ::geteuid() != 0)
        return warn("data", fmt::format("{}, but {}.", says, owner),
                    told<"Give it to that user (chown -R).", "Отдайте её этому пользователю (chown -R).">(),
                    std::move(facts));
    struct stat seen{};
    if (there && ::stat(data.c_str(), &seen) == 0 && (seen.st_mode & 067) != 0) // the database's group passes through
        return warn("data",
                    told<"{}; other users of this machine can enter it.",
                         "{}; в неё могут войти другие пользователи этой машины.">(says),
                    told<"The next `persais serve` or `persais run` closes it (mode 0700), or `chmod 700` now.",
                         "Её закроет следующий `persais serve` или `persais run` (права 0700); или выполните `chmod "
                         "700` сейчас.">(),
                    std::move(facts));
    return ok("data", says + ".", std::move(facts));
}

finding probe_memory(const subject& of) {
    auto total = sandbox::memory_of_machine();
    auto wanted = static_cast<unsigned>(of.settings.tasks_parallel.value_or(0));
    auto plan = sandbox::plan_for_this_machine(wanted);
    auto beside = of.settings.prepared_agent ? coder::plan_with_agent(plan) : std::nullopt;
    plan = beside.value_or(plan);
    std::uint64_t kept = beside ? limits::prepared_bytes : 0;
    json::object facts{{"total_bytes", total},
                       {"tasks_at_once", plan.parallel},
                       {"task_bytes", plan.task_bytes},
                       {"kept_bytes", kept}};
    auto says = told<"{0} of memory: {1} {1:task|tasks} at once{2}, {3} for each of its programs{4}.",
                     "Памяти {0}: одновременно {1} {1:задача|задачи|задач}{2}, по {3} на каждую её программу{4}.">(
        sandbox::mebibytes(total), number{static_cast<std::int64_t>(plan.parallel)},
        wanted > 0 ? " (TASKS_PARALLEL)" : "", sandbox::mebibytes(plan.task_bytes),
        beside ? told<", {} for the agent that is kept ready", ", {} на агента, который держится наготове">(
                     sandbox::mebibytes(kept))
               : "");
    if (plan.task_bytes >= limits::task_memory_bytes) return ok("memory", std::move(says), std::move(facts));
    return warn("memory", std::move(says),
                told<"Less than {} for a task: the agent, a compiler or tests may be ended for it. Give the machine or "
                     "container more memory{}.",
                     "Меньше {} на задачу: из-за этого агент, компилятор или тесты могут быть остановлены. Дайте "
                     "машине или контейнеру больше памяти{}.">(
                    sandbox::mebibytes(limits::task_memory_bytes),
                    wanted > 1 ? told<", or lower TASKS_PARALLEL", " или уменьшите TASKS_PARALLEL">() : ""),
                std::move(facts));
}

finding probe_clock(const subject& of) {
    const clock_sample* worst = nullptr;
    auto off = [](const clock_sample& s) { return std::max(0.0, std::abs(s.ahead_seconds) - s.uncertain_seconds); };
    for (const auto& one : of.clocks)
        if (!worst || off(one) > off(*worst)) worst = &one;
    if (!worst)
        return skipped("clock", told<"Not compared: nobody who answered told the time.",
                                     "Не сравнено: никто из ответивших не назвал времени.">());
    json::array seen;
    for (const auto& one : of.clocks)
        seen.push_back(
            {{"whose", one.whose}, {"ahead_seconds", one.ahead_seconds}, {"uncertain_seconds", one.uncertain_seconds}});
    json::object facts{{"seen", std::move(seen)}};
    if (off(*worst) <= std::chrono::duration<double>(limits::doctor_clock_skew).count())
        return ok("clock", told<"Agrees with {}.", "Сходятся ({}).">(worst->whose), std::move(facts));
    return warn(
        "clock",
        worst->ahead_seconds > 0
            ? told<"This machine's clock goes {:.0f} s behind that of {}.",
                   "Часы этой машины отстают на {:.0f} с от часов ({}).">(std::abs(worst->ahead_seconds), worst->whose)
            : told<"This machine's clock goes {:.0f} s before that of {}.",
                   "Часы этой машины спешат на {:.0f} с против часов ({}).">(std::abs(worst->ahead_seconds),
                                                                             worst->whose),
        told<"Set it by NTP (timedatectl set-ntp true): certificates, budgets of a day and commit dates go by it.",
             "Настройте NTP (timedatectl set-ntp true): от времени зависят сертификаты, дневные бюджеты и даты "
             "коммитов.">(),
        std::move(facts));
}

} // namespace persais::doctor
