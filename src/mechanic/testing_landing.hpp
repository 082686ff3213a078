#pragma once
#include "mechanic/landing.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace persais::mechanic::testing {

using namespace std::chrono_literals;

inline const time_point noon = time_point{} + std::chrono::days(20000);
inline const lease mine{fence{5}, noon + 10s};
inline const lease next{fence{6}, noon + 20s};
inline const std::string base(40, 'b'), commit(40, 'c'), tip(40, 'e'), anew(40, 'f');

inline task in_review(verdict how = verdict::ready) {
    task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = review{commit, how}};
    t.known.base = base;
    t.known.base_branch = "main";
    t.known.branch = "mechanic/17-mend-it";
    t.known.check = {"pytest -q", "flag"};
    t.known.made = work{commit, {1, 2, 3}, 0};
    t.known.decided = how;
    t.known.stands = standing{.made = *t.known.made, .how = how};
    return t;
}
inline std::vector<command> must(task& t, const event& e, time_point now = noon) {
    auto r = step(t, e, now);
    EXPECT_TRUE(r.has_value()) << (r ? "" : r.error().why);
    return r.value_or(std::vector<command>{});
}
template <class Command>
std::optional<Command> has(const std::vector<command>& all) {
    for (const auto& c : all)
        if (auto* x = std::get_if<Command>(&c)) return *x;
    return std::nullopt;
}
/// A task on the way onto main, before it is known what main holds.
inline task replaying(verdict how = verdict::ready) {
    auto t = in_review(how);
    must(t, approved{commit, how != verdict::ready, "1"});
    must(t, claimed{mine});
    must(t, lane_answered{true});
    return t;
}
inline const replayed conflict{.onto = tip, .commit = "", .conflicts = {"a.py", "b.py"}, .solve = true, .turn = 1};
/// The agent is to solve what its deploy met.
inline task to_be_solved(verdict how = verdict::ready) {
    auto t = replaying(how);
    must(t, conflict);
    return t;
}
/// The same, with the tree made.
inline task solving(verdict how = verdict::ready) {
    auto t = to_be_solved(how);
    must(t, claimed{{fence{7}, noon + 30s}});
    must(t, prepared{.base = tip,
                     .base_branch = "main",
                     .branch = t.known.branch.empty() ? "mechanic/17-2" : t.known.branch,
                     .check = {"pytest -q", "flag"},
                     .check_seconds = 60});
    return t;
}
inline task solved(verdict how = verdict::ready) {
    auto t = solving(how);
    must(t, coded{.made = {anew, {1, 2, 3}, 0}, .before = check_outcome::green});
    return t;
}
inline task pushing_what_was_solved() {
    auto t = solved();
    must(t, checked{check_outcome::green});
    return t;
}
/// What was approved reads otherwise there, and is put on its branch.
inline task pushing_anew() {
    auto t = replaying();
    must(t, replayed{.onto = tip, .commit = anew, .same_text = false});
    must(t, checked{check_outcome::green});
    return t;
}
inline task checking_anew(verdict how = verdict::ready) {
    auto t = replaying(how);
    must(t, replayed{.onto = tip, .commit = anew});
    return t;
}
inline task pushing() {
    auto t = replaying();
    must(t, replayed{.onto = base, .commit = commit});
    return t;
}
inline const health ill{false, "It answers 502."}, fit{true, "It answers 200."};
/// Its deployment is looked at.
inline task watching() {
    auto t = pushing();
    must(t, pushed{});
    return t;
}
inline task landed_task() {
    auto t = watching();
    must(t, watched{}); // nobody says where it is deployed
    return t;
}
inline task rolling() {
    auto t = landed_task();
    must(t, roll_back_wished{commit, false, "1"});
    must(t, claimed{next});
    must(t, lane_answered{true});
    return t;
}
/// What was rolled back by `anew`.
inline task taken_back() {
    auto t = rolling();
    must(t, replayed{.onto = tip, .commit = anew});
    must(t, checked{check_outcome::green});
    must(t, pushed{});
    must(t, watched{});
    return t;
}
inline task landing_again(bool anyway = false) {
    auto t = taken_back();
    must(t, approved{anew, anyway, "1"});
    must(t, claimed{{fence{7}, noon + 30s}});
    must(t, lane_answered{true});
    return t;
}

} // namespace persais::mechanic::testing
