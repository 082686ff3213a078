#include "world/forge.hpp"

#include "world/mishaps.hpp"

namespace persais::world {

using namespace mechanic;
using namespace std::chrono_literals;

namespace {

constexpr auto page = "https://forge.example/1";

/// The commit that a landing's request ends at: what was approved, or what takes something back.
std::string head_of(const task& t, const std::string& made) {
    const auto& l = *t.known.lands;
    return l.what == landing::kind::deploy ? l.commit : made;
}

} // namespace

bool by_request(const simulation& in, const task& t) {
    return t.id.value % 2 == 0 && (!in.what.together || in.what.seed % 24 == 7); // else all are pushed
}

void find_merged(const simulation& in, const task& t, replayed& now) {
    now.by_request = by_request(in, t);
    auto head = head_of(t, t.known.lands->made);
    auto found = in.remote.merged.find(head);
    if (head.empty() || found == in.remote.merged.end()) return;
    now.there = head;
    now.as = landed{found->second, t.known.base};
}

std::optional<mechanic::event> forge_declines(dice_row& d) {
    auto most = d.chance(35) ? 0us : std::chrono::microseconds(24h);
    auto need = static_cast<request_need>(d.below(4));
    switch (d.pick({34, 28, 24, 8, 6})) {
    case 1:
        return request_waits{{need, "It waits."}, 1, page, most};
    case 2:
        return request_outdated{1, page, most};
    case 3:
        return remote_trouble{"no_push", "it was closed", took(d)};
    case 4:
        return world_is_broken(d);
    default:
        return std::nullopt;
    }
}

std::optional<mechanic::event> forge_merges(simulation& in, const life& by, const task& t, fence held, const land& what,
                                            const std::string& tip) {
    auto head = head_of(t, what.commit);
    if (auto found = in.remote.merged.find(head); found != in.remote.merged.end())
        return pushed{.as = landed{found->second, what.expected}, .request = page};
    if (tip != what.expected) return remote_trouble{"moved", "the base branch moved"};
    auto as = hex(std::hash<std::string>{}(head), std::hash<std::string>{}(what.expected));
    in.remote.main[t.what.remote].push_back(as);
    in.remote.merged[head] = as;
    in.note("{} has the forge merge {} as {}", by.name(), head, as);
    in.checks.landed(by, t, held, what, as);
    return std::nullopt;
}

} // namespace persais::world
