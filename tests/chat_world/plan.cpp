#include "chat_world/plan.hpp"

#include "world/dice.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace persais::chat_world {

using world::dice_row;

namespace {

struct row {
    fault::kind what;
    const char* name;
    unsigned weight;
};
using enum fault::kind;
constexpr std::array table{
    row{crash, "a crash", 6},
    row{crash_at_point, "a crash at a point", 24},
    row{leave, "SIGTERM", 6},
    row{lose_answer, "an answer of the database is lost", 10},
    row{lose_request, "a statement is lost", 5},
    row{database_away, "the database is away", 4},
    row{lose_sent, "the answer to a call is lost", 10},
    row{lose_call, "a call is lost", 8},
    row{refuse_call, "Telegram answers 502", 6},
    row{flood, "Telegram answers 429", 6},
    row{telegram_away, "Telegram is away", 4},
    row{service_clock, "a service's clock jumps", 3},
};
static_assert(table.size() == static_cast<std::size_t>(last_));
constexpr std::array action_names{"instructs",
                                  "asks",
                                  "commands",
                                  "replies",
                                  "presses",
                                  "edits",
                                  "is a stranger",
                                  "speaks in the group",
                                  "says more than is taken"};
static_assert(action_names.size() == static_cast<std::size_t>(person_action::kind::last_));

fault fault_of(dice_row& d, const plan& p, milliseconds horizon) {
    std::array<unsigned, table.size()> weights{};
    std::ranges::transform(table, weights.begin(), &row::weight);
    fault f{.at = milliseconds(d.between(0, horizon.count())),
            .what = table.at(d.pick(weights)).what,
            .service = p.hooked ? static_cast<int>(d.between(1, 2)) : 1,
            .lasts = milliseconds(d.between(500, d.chance(10) ? 3'600'000 : 30'000))};
    switch (f.what) {
    case crash:
    case leave:
        f.amount = d.between(10, d.chance(30) ? 60'000 : 3'000);
        break;
    case service_clock:
        f.amount = d.between(-100'000'000, 100'000'000);
        break;
    default:
        f.amount = d.between(0, 1000);
    }
    return f;
}

template <class Each>
bool leave_out(plan& p, std::vector<Each> plan::* list, const std::function<bool(const plan&)>& fails) {
    bool shorter = false;
    for (std::size_t i = 0; i < (p.*list).size();) {
        auto fewer = p;
        (fewer.*list).erase((fewer.*list).begin() + static_cast<std::ptrdiff_t>(i));
        if (!fails(fewer)) {
            ++i;
            continue;
        }
        p = std::move(fewer);
        shorter = true;
    }
    return shorter;
}

} // namespace

plan plan_of(std::uint64_t seed) {
    dice_row d(world::dice(seed), 1);
    plan p{.seed = seed, .hooked = d.chance(70)};
    auto horizon = milliseconds(d.between(5'000, 60'000));
    for (int n = 1, all = static_cast<int>(d.between(2, 14)); n <= all; ++n)
        p.people_actions.push_back({.at = milliseconds(d.between(0, horizon.count())),
                                    .what = static_cast<person_action::kind>(d.pick({38, 8, 12, 14, 14, 5, 3, 4, 2})),
                                    .person = static_cast<int>(d.between(1, 3)),
                                    .number = n});
    for (auto n = d.between(0, 10); n > 0; --n)
        p.faults.push_back(fault_of(d, p, horizon));
    return p;
}

std::string words(const plan& p) {
    auto text = fmt::format("seed {}, {}", p.seed, p.hooked ? "by webhook to two services" : "one service asks");
    for (const auto& s : p.people_actions)
        text += fmt::format("\n  {:>9.3f} s  person {} {} (number {})", static_cast<double>(s.at.count()) / 1000,
                            s.person, action_names.at(static_cast<std::size_t>(s.what)), s.number);
    for (const auto& f : p.faults)
        text += fmt::format("\n  {:>9.3f} s  {} (service {}, amount {}, lasts {} ms)",
                            static_cast<double>(f.at.count()) / 1000, table.at(static_cast<std::size_t>(f.what)).name,
                            f.service, f.amount, f.lasts.count());
    return text;
}

plan shrink(plan p, const std::function<bool(const plan&)>& fails) {
    while (leave_out(p, &plan::faults, fails) || leave_out(p, &plan::people_actions, fails)) {
    }
    return p;
}

} // namespace persais::chat_world
