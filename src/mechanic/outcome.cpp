// What a settled task says for itself.
#include "mechanic/step.hpp"

namespace persais::mechanic {

namespace {

/// Of a result: how what stands on the branch was judged.
std::string judged(verdict how, const facts& k) {
    bool was_red = k.before == check_outcome::red;
    switch (how) {
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
        return std::string(words(how));
    }
}

} // namespace

std::optional<verdict> verdict_of(const task& t) {
    if (auto* s = std::get_if<review>(&t.now)) return t.known.came_to_nothing ? t.known.came_to_nothing->how : s->how;
    if (auto* s = std::get_if<failed>(&t.now)) return s->how;
    if (std::holds_alternative<aborted>(t.now)) return verdict::aborted;
    if (std::holds_alternative<expired>(t.now)) return verdict::aborted;
    if (std::holds_alternative<parked>(t.now)) return verdict::world_broken;
    if (std::holds_alternative<answered>(t.now)) return verdict::ready;
    return std::nullopt;
}

bool retries_its_turn(const task& t) {
    return std::holds_alternative<review>(t.now) && t.known.came_to_nothing.has_value();
}

std::string reason_of(const task& t) {
    if (auto* s = std::get_if<failed>(&t.now)) return s->reason;
    if (std::holds_alternative<review>(t.now) && t.known.came_to_nothing) return t.known.came_to_nothing->reason;
    return {};
}

std::string sentence_of(const task& t) {
    const auto& k = t.known;
    if (auto* s = std::get_if<failed>(&t.now)) return s->sentence;
    if (auto* s = std::get_if<parked>(&t.now)) return s->sentence;
    if (std::holds_alternative<answered>(t.now)) return "Answered.";
    if (std::holds_alternative<review>(t.now) && k.came_to_nothing) return k.came_to_nothing->sentence;
    auto how = verdict_of(t);
    return how ? judged(*how, k) : std::string();
}

} // namespace persais::mechanic
