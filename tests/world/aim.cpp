#include "world/aim.hpp"

#include "world/mishaps.hpp"

#include <array>
#include <charconv>

namespace persais::world {

using namespace mechanic;
using namespace std::chrono_literals;

namespace {

/// The outcomes of each command that change nothing but the task.
std::vector<mechanic::event> outcomes_of(const command& what, dice_row& d) {
    const auto any_check = static_cast<check_outcome>(d.below(int(check_outcome::timed_out) + 1));
    const auto trouble = std::array{"network", "no_push", "no_read"}[d.below(3)];
    std::vector<mechanic::event> all{world_trouble{.sentence = "the disk is full", .may_pass = d.chance(50)}};
    auto also = [&](auto... more) { (all.emplace_back(std::move(more)), ...); };
    const over_disk full{.sentence = "too much disk"};
    const coder_timed_out late{.idle = d.chance(50), .sentence = "too slow"};
    if (std::holds_alternative<prepare>(what)) also(remote_trouble{trouble, "it is away"});
    if (std::holds_alternative<run_coder>(what))
        also(coded_nothing{"nothing to do"}, work_refused{verdict::protected_path, "x"}, model_trouble_of(d), late,
             full);
    if (std::holds_alternative<answer>(what)) also(model_trouble_of(d), late, full);
    if (std::holds_alternative<run_checks>(what) || std::holds_alternative<check_landing>(what))
        also(checked{.how = any_check, .could_not_run = "`make` is not installed"}, full);
    if (auto* p = std::get_if<publish>(&what)) {
        also(remote_trouble{trouble, "it is away"});
        if (!p->anyway) also(leaks_found{{{"a.py", 1, "some-rule", "A rule.", "abcd…"}}});
    }
    if (std::holds_alternative<take_lane>(what)) also(lane_answered{});
    if (std::holds_alternative<replay>(what)) also(remote_trouble{trouble, "it is away"});
    if (auto* l = std::get_if<land>(&what)) {
        also(remote_trouble{trouble, "it is away"}, right_lost{"A right was taken back."});
        if (l->by_request)
            also(
                request_waits{
                    {static_cast<request_need>(d.below(4)), "It waits."}, 1, "page", d.chance(50) ? 0us : 24h},
                request_outdated{1, "page", 24h});
    }
    if (std::holds_alternative<watch>(what)) also(watched{health{d.chance(50), "It answers."}, d.chance(50)});
    return all;
}

} // namespace

std::optional<mechanic::event> outcome_aimed_at(const simulation& in, const task& t, const command& what, dice_row& d) {
    const auto& after = in.what.after;
    if (!after || after->state != name_of(t.now) || !d.chance(50)) return std::nullopt;
    for (auto& each : outcomes_of(what, d))
        if (name_of_event(each.index()) == after->event) return std::move(each);
    return std::nullopt;
}

std::optional<fault> fault_aimed_at(const simulation& in, const store_model::change& c) {
    using enum fault::kind;
    static const std::map<std::string, fault::kind, std::less<>> acts{
        {"claimed", crash},          {"handed_back", leave},
        {"abort_wished", abort},     {"wait_over", wake},
        {"replied", reply},          {"push_allowed", push_held},
        {"approved", deploy},        {"roll_back_wished", roll_back},
        {"discard_wished", discard}, {"undiscard_wished", undiscard}};
    const auto& after = in.what.after;
    const auto& t = c.after.task;
    if (!after || after->state != name_of(t.now)) return std::nullopt;
    auto act = acts.find(after->event);
    const auto luck = [&](std::uint64_t most, std::uint64_t about) {
        return in.luck.below(most, {9, in.statements, about});
    };
    if (act == acts.end() || luck(2, 0) == 0) return std::nullopt;
    fault f{.at = milliseconds(luck(3'000, 1)), .what = act->second, .amount = t.id.value};
    if (f.what == crash || f.what == leave) { // the service that holds it: "p2.5"
        std::from_chars(c.owner.data() + 1, c.owner.data() + c.owner.find('.'), f.service);
        if (--f.service < 0) return std::nullopt; // a person's command
        f.amount = 1'000;
    }
    return f;
}

} // namespace persais::world
