#include "world/coverage.hpp"

#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"
#include "world/invariants.hpp"

#include <algorithm>
#include <iterator>

namespace persais::world {

using namespace mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = time_point{} + std::chrono::days(20'000);
const std::string commit(40, 'c'), tip(40, 'e');

task some() {
    task t{.id = {1}};
    t.what.attempts = 3;
    t.what.repair_rounds = 1;
    return t;
}

/// The facts that a change may have in any state between queue and push.
std::vector<task> changes() {
    std::vector<task> all;
    for (bool checked : {false, true})
        for (int used : {0, 2})
            for (int rounds : {0, 1})
                for (bool stands : {false, true})
                    for (bool red : {false, true})
                        for (auto made : {0, 1, 2}) { // nothing, work, work with a verdict
                            auto t = some();
                            t.known.check.command = checked ? "make test" : "";
                            t.known.attempts_used = used;
                            t.known.rounds_used = rounds;
                            if (stands) t.known.stands = standing{.made = {std::string(40, 'd'), {}, 0}};
                            if (red) t.known.feedback = "red";
                            if (made) t.known.made = work{commit, {}, 0};
                            if (made == 2) t.known.decided = verdict::ready;
                            all.push_back(std::move(t));
                        }
    return all;
}

std::vector<task> questions() {
    std::vector<task> all;
    for (int used : {0, 2}) {
        all.push_back(some());
        all.back().what.what = order::kind::question;
        all.back().known.attempts_used = used;
    }
    return all;
}

/// The facts that a landing may have.
std::vector<task> landings(landing::kind what) {
    std::vector<task> all;
    for (bool checked : {false, true})
        for (int used : {0, 2})
            for (bool anyway : {false, true})
                for (bool same : {false, true})
                    // Nothing pushed, perhaps, withdrawn as well; it is there; beside the lane; checked before; one of
                    // several that are taken back.
                    for (auto doubt : {0, 1, 2, 3, 4, 5, 6})
                        for (int tries : {0, limits::landing_tries - 1}) {
                            auto t = some();
                            t.known.check.command = checked ? "make test" : "";
                            t.known.attempts_used = used;
                            t.known.made = work{commit, {}, 0};
                            t.known.stands = standing{.made = {commit, {}, 0}};
                            t.known.on_base = landed{};
                            t.known.lands = landing{.what = what,
                                                    .anyway = anyway,
                                                    .step = doubt == 3                 ? landing_step::watch
                                                            : doubt == 1 || doubt == 2 ? landing_step::push
                                                                                       : landing_step::check,
                                                    .tries = tries,
                                                    .same_text = same,
                                                    .in_doubt = doubt == 1 || doubt == 2,
                                                    .withdrawn = doubt == 2,
                                                    .beside = doubt == 4};
                            if (doubt == 1)
                                t.known.lands->made = commit; // made anew; the approved one has no name here
                            if (doubt == 6) t.known.lands->unwatched = what == landing::kind::roll_back;
                            if (doubt == 5) {
                                t.known.lands->onto = tip;
                                t.known.lands->made = commit;
                                t.known.lands->after = check_outcome::green;
                            }
                            if (doubt == 3) t.known.lands->there = landed{t.known.lands->made = commit, {}};
                            all.push_back(std::move(t));
                        }
    return all;
}

/// The facts that a task may have while its result is made anew because of a landing.
std::vector<task> made_anew() {
    std::vector<task> all;
    for (auto what : {landing::kind::deploy, landing::kind::roll_back, landing::kind::deploy_again})
        for (bool solves : {false, true})
            for (bool withdrawn : {false, true})
                for (auto& t : changes()) {
                    bool deploys = what != landing::kind::roll_back;
                    if (solves && what == landing::kind::deploy_again) continue; // that is left to a person
                    if ((!solves && !(deploys && t.known.decided)) || (withdrawn && !t.known.decided)) continue;
                    if (t.known.stands.has_value() != deploys) continue;
                    facts was = t.known;
                    was.stands = standing{.made = {std::string(40, 'd'), {}, 0}};
                    was.on_base = landed{};
                    was.lands = landing{.what = what, .withdrawn = withdrawn};
                    if (solves)
                        t.known.turn = 1;
                    else if (t.known.made)
                        t.known.anyway = t.known.made->commit; // what it carries was let through before
                    t.known.was = {was};
                    all.push_back(t);
                }
    return all;
}

/// Those that another landing pushed with its own, which has ended.
std::vector<task> told_by_the_front(landing::kind what) {
    auto all = landings(what);
    std::erase_if(all, [](const task& t) { return !t.known.lands->in_doubt; });
    auto back = all;
    for (auto& t : all)
        t.known.lands->front = front_outcome{};
    for (auto& t : back)
        t.known.lands->front = front_outcome{health{false, "It answers 502."}, true};
    std::ranges::copy(back, std::back_inserter(all));
    for (auto& t : all)
        t.known.lands->joined = task_id{2};
    return all;
}

/// The tasks that may be in this state.
std::vector<task> in(const state& s) {
    if (std::holds_alternative<deploying>(s) || std::holds_alternative<rolling_back>(s)) {
        auto all = landings(std::holds_alternative<deploying>(s) ? landing::kind::deploy : landing::kind::roll_back);
        if (std::holds_alternative<deploying>(s))
            std::ranges::copy(landings(landing::kind::deploy_again), std::back_inserter(all));
        for (auto& t : all)
            t.now = s;
        return all;
    }

    auto all = std::holds_alternative<answering>(s) ? questions() : changes();
    if (std::holds_alternative<preparing>(s)) std::ranges::copy(questions(), std::back_inserter(all));
    if (!is_settled(s) && !std::holds_alternative<answering>(s))
        std::ranges::copy(made_anew(), std::back_inserter(all));
    std::erase_if(all, [&](const task& t) {
        const auto& k = t.known;
        if (std::holds_alternative<publishing>(s)) return !k.decided;
        if (std::holds_alternative<review>(s)) return !k.made;
        if (std::holds_alternative<checking>(s)) return !k.made || k.decided || k.check.command.empty();
        if (std::holds_alternative<coding>(s)) return k.decided || bool(k.made) != (k.rounds_used > 0);
        return false;
    });
    if (std::holds_alternative<queued>(s))
        for (auto what : {landing::kind::deploy, landing::kind::deploy_again})
            std::ranges::copy(told_by_the_front(what), std::back_inserter(all));
    if (std::holds_alternative<queued>(s) || std::holds_alternative<waiting>(s))
        for (auto what : {landing::kind::deploy, landing::kind::roll_back, landing::kind::deploy_again})
            std::ranges::copy(landings(what), std::back_inserter(all));
    for (auto& t : all) {
        t.now = s;
        if (std::holds_alternative<deployed>(s)) t.known.on_base = landed{};
        if (std::holds_alternative<failed>(s)) t.known.held_back = held{};
    }
    return all;
}

template <std::size_t... I>
std::vector<state> every_state(std::index_sequence<I...>) {
    std::vector<state> all{std::variant_alternative_t<I, state>{}...};
    all.emplace_back(waiting{wait_reason::world, noon, noon + 1h}); // the time to give the one above up is long past
    return all;
}

std::vector<mechanic::event> with_all_that_it_may_bring(mechanic::event e) {
    std::vector<mechanic::event> all;
    if (std::holds_alternative<claimed>(e)) return {claimed{{fence{1}, noon + 10s}}};
    if (std::holds_alternative<coded>(e))
        return {coded{.made = {commit, {}, 0}}, coded{.made = {commit, {}, 0}, .unmerged = {"a"}}};
    if (std::holds_alternative<prepared>(e)) {
        for (bool has_work : {false, true})
            for (const char* check : {"", "make test"})
                for (bool pushed : {false, true})
                    all.emplace_back(prepared{.check = {check, "flag"}, .has_work = has_work, .is_pushed = pushed});
        return all;
    }
    if (std::holds_alternative<model_failed>(e)) {
        for (int why = 0; why <= int(model_trouble::nonsense); ++why)
            all.emplace_back(model_failed{.why = model_trouble(why)});
        return all;
    }
    if (std::holds_alternative<checked>(e)) {
        for (int how = 0; how <= int(check_outcome::could_not_run); ++how)
            all.emplace_back(checked{.how = check_outcome(how)});
        return all;
    }
    if (std::holds_alternative<lane_answered>(e))
        return {lane_answered{false}, lane_answered{true}, lane_answered{false, std::string(40, 'a')}};
    if (std::holds_alternative<replayed>(e)) {
        for (bool same : {false, true})
            all.emplace_back(replayed{.onto = tip, .commit = commit, .same_text = same});
        all.emplace_back(replayed{.onto = tip, .commit = tip});
        for (int turn : {0, 1})
            all.emplace_back(replayed{.onto = tip, .commit = "", .conflicts = {"a"}, .solve = turn > 0, .turn = turn});
        all.emplace_back(replayed{.onto = tip, .commit = "", .there = commit});
        return all;
    }
    if (std::holds_alternative<watched>(e)) {
        all.emplace_back(watched{});
        for (bool well : {false, true})
            for (bool take_back : {false, true})
                all.emplace_back(watched{health{well, "It answered."}, take_back});
        return all;
    }
    if (std::holds_alternative<request_waits>(e)) return {request_waits{}, request_waits{.most = 1h}};
    if (std::holds_alternative<request_outdated>(e)) return {request_outdated{}, request_outdated{.most = 1h}};
    if (std::holds_alternative<remote_trouble>(e)) {
        for (const char* reason : {"network", "moved", "no_push"})
            all.emplace_back(remote_trouble{.reason = reason});
        return all;
    }
    return {std::move(e)};
}

template <std::size_t... I>
std::vector<mechanic::event> every_event(std::index_sequence<I...>) {
    std::vector<mechanic::event> all;
    (std::ranges::copy(with_all_that_it_may_bring(std::variant_alternative_t<I, mechanic::event>{}),
                       std::back_inserter(all)),
     ...);
    return all;
}

} // namespace

std::set<transition> accepted_transitions() {
    std::set<transition> all;
    for (const auto& s : every_state(std::make_index_sequence<std::variant_size_v<state>>{}))
        for (const auto& e : every_event(std::make_index_sequence<std::variant_size_v<mechanic::event>>{}))
            for (auto& t : in(s))
                if (step(t, e, noon))
                    all.insert(
                        {std::string(name_of(s)), std::string(name_of_event(e.index())), std::string(name_of(t.now))});
    return all;
}

} // namespace persais::world
