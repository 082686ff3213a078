#include "world/coverage.hpp"

#include "mechanic/step.hpp"
#include "world/invariants.hpp"

namespace persais::world {

using namespace mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = time_point{} + std::chrono::days(20'000);
const std::string commit(40, 'c');

template <std::size_t... I>
std::vector<state> every_state(std::index_sequence<I...>) {
    return {std::variant_alternative_t<I, state>{}...};
}
template <std::size_t... I>
std::vector<mechanic::event> every_event(std::index_sequence<I...>) {
    return {std::variant_alternative_t<I, mechanic::event>{}...};
}

task in(state s) {
    task t{.id = {1}, .now = std::move(s)};
    t.known.made = work{commit, {}, 0};
    t.known.decided = verdict::ready;
    return t;
}

} // namespace

std::set<std::pair<std::string, std::string>> accepted_transitions() {
    std::set<std::pair<std::string, std::string>> all;
    for (const auto& s : every_state(std::make_index_sequence<std::variant_size_v<state>>{}))
        for (auto e : every_event(std::make_index_sequence<std::variant_size_v<mechanic::event>>{})) {
            if (auto* c = std::get_if<claimed>(&e)) c->by = {fence{1}, noon + 10s};
            auto t = in(s);
            if (step(t, e, noon)) all.emplace(std::string(name_of(s)), std::string(name_of_event(e.index())));
        }
    return all;
}

} // namespace persais::world
