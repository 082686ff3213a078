#include "mechanic/verdict.hpp"

#include "base/told.hpp"

#include <array>

namespace persais::mechanic {

namespace {

struct row {
    verdict v;
    std::string_view to_string;
    std::string_view words;
    bool branch;
    int exit;
};

constexpr std::array table{
    row{verdict::ready, "ready", told_view<"ready", "готова">(), true, 0},
    row{verdict::ready_unchecked, "ready_unchecked", told_view<"ready, unchecked", "готова, не проверена">(), true, 0},
    row{verdict::tests_red, "tests_red", told_view<"tests red", "проверки не прошли">(), true, 1},
    row{verdict::checks_could_not_run, "checks_could_not_run",
        told_view<"checks could not run", "проверки не запустились">(), true, 1},
    row{verdict::no_change, "no_change", told_view<"no change", "нет изменений">(), false, 1},
    row{verdict::protected_path, "protected_path",
        told_view<"a protected path was changed", "изменён защищённый путь">(), false, 1},
    row{verdict::link_outside, "link_outside",
        told_view<"a link leads out of the repository", "ссылка ведёт за пределы репозитория">(), false, 1},
    row{verdict::paths_collide, "paths_collide",
        told_view<"two names are one file elsewhere", "два имени — один файл в других системах">(), false, 1},
    row{verdict::secret_found, "secret_found",
        told_view<"held: it looks as if it had a credential", "задержана: похоже на секрет">(), false, 1},
    row{verdict::model_failed, "model_failed", told_view<"model failed", "модель не справилась">(), false, 1},
    row{verdict::timed_out, "timed_out", told_view<"timed out", "время вышло">(), false, 1},
    row{verdict::disk_limit, "disk_limit", told_view<"used too much disk", "не хватило места на диске">(), false, 1},
    row{verdict::aborted, "aborted", told_view<"aborted", "прервана">(), false, 1},
    row{verdict::remote_failed, "remote_failed", told_view<"the remote refused", "сервер репозитория отказал">(), false,
        1},
    row{verdict::world_broken, "world_broken",
        told_view<"something that Persais needs is broken", "сломалось что-то, без чего Persais не работает">(), false,
        3},
};

const row& of(verdict v) {
    return table.at(static_cast<std::size_t>(v));
}

} // namespace

std::string_view to_string(verdict v) {
    return of(v).to_string;
}
std::string_view words(verdict v) {
    return of(v).words;
}
bool has_branch(verdict v) {
    return of(v).branch;
}
bool at_a_limit(verdict v) {
    return v == verdict::timed_out || v == verdict::disk_limit;
}
bool keeps_work(verdict v) {
    return at_a_limit(v) || v == verdict::secret_found || v == verdict::remote_failed;
}
std::vector<std::string_view> verdicts_that_keep_work() {
    std::vector<std::string_view> all;
    for (const auto& r : table)
        if (keeps_work(r.v)) all.push_back(r.to_string);
    return all;
}
int exit_code(verdict v) {
    return of(v).exit;
}

std::optional<verdict> verdict_from(std::string_view text) {
    for (const auto& r : table)
        if (r.to_string == text) return r.v;
    return std::nullopt;
}

} // namespace persais::mechanic
