#include "mechanic/verdict.hpp"

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
    row{verdict::ready, "ready", "ready", true, 0},
    row{verdict::ready_unchecked, "ready_unchecked", "ready, unchecked", true, 0},
    row{verdict::tests_red, "tests_red", "tests red", true, 1},
    row{verdict::checks_could_not_run, "checks_could_not_run", "checks could not run", true, 1},
    row{verdict::no_change, "no_change", "no change", false, 1},
    row{verdict::protected_path, "protected_path", "a protected path was changed", false, 1},
    row{verdict::model_failed, "model_failed", "model failed", false, 1},
    row{verdict::timed_out, "timed_out", "timed out", false, 1},
    row{verdict::aborted, "aborted", "aborted", false, 1},
    row{verdict::remote_failed, "remote_failed", "the remote refused", false, 1},
    row{verdict::world_broken, "world_broken", "something that Persais needs is broken", false, 3},
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
int exit_code(verdict v) {
    return of(v).exit;
}

std::optional<verdict> verdict_from(std::string_view text) {
    for (const auto& r : table)
        if (r.to_string == text) return r.v;
    return std::nullopt;
}

} // namespace persais::mechanic
