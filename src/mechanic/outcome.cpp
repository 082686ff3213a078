// What a settled task says for itself.
#include "mechanic/step.hpp"

namespace persais::mechanic {

std::optional<verdict> verdict_of(const task& t) {
    if (auto* s = std::get_if<review>(&t.now)) return s->how;
    if (auto* s = std::get_if<failed>(&t.now)) return s->how;
    if (std::holds_alternative<aborted>(t.now)) return verdict::aborted;
    if (std::holds_alternative<expired>(t.now)) return verdict::aborted;
    if (std::holds_alternative<parked>(t.now)) return verdict::world_broken;
    if (std::holds_alternative<answered>(t.now)) return verdict::ready;
    return std::nullopt;
}

std::string reason_of(const task& t) {
    if (auto* s = std::get_if<failed>(&t.now)) return s->reason;
    return {};
}

std::string sentence_of(const task& t) {
    if (auto* s = std::get_if<failed>(&t.now)) return s->sentence;
    if (auto* s = std::get_if<parked>(&t.now)) return s->sentence;
    auto how = verdict_of(t);
    if (!how) return {};
    const auto& k = t.known;
    bool was_red = k.before == check_outcome::red;
    switch (*how) {
    case verdict::ready:
        return was_red ? "The checks were red before the change and are green now." : "The checks are green.";
    case verdict::ready_unchecked:
        return "This repository has no check command, so nothing tested the change.";
    case verdict::tests_red:
        return was_red ? "The checks were red before the change, and they still are."
                       : "The checks were green before the change, and it broke them.";
    case verdict::checks_could_not_run:
        return k.could_not_run;
    case verdict::aborted:
        return "Aborted.";
    default:
        return std::string(words(*how));
    }
}

} // namespace persais::mechanic
