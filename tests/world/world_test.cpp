// Runs WORLD_SEEDS (2000) seeds from WORLD_FIRST (1). One that fails prints itself, and the command that repeats it:
// WORLD_SEED=n … --gtest_filter=replay.one shows what happened; WORLD_LEAVE_OUT and WORLD_LEAVE_OUT_TASKS leave out
// what it does not need to fail.
#include "world/coverage.hpp"
#include "world/shrink.hpp"
#include "world/world.hpp"

#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::world;

namespace {

std::uint64_t number(const char* name, std::uint64_t usual) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : usual;
}

std::set<std::size_t> numbers(const char* name) {
    std::set<std::size_t> all;
    std::istringstream text(std::getenv(name) ? std::getenv(name) : "");
    for (std::string each; std::getline(text, each, ',');)
        all.insert(std::strtoull(each.c_str(), nullptr, 10));
    return all;
}

/// The positions in `all` of what `some`, a part of it in the same order, does not have: "0,3,4".
template <class T, class Same>
std::string left_out(const std::vector<T>& all, const std::vector<T>& some, Same same) {
    std::string text;
    std::size_t next = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (next < some.size() && same(all[i], some[next]))
            ++next;
        else
            text += (text.empty() ? "" : ",") + std::to_string(i);
    }
    return text;
}

bool same_fault(const fault& a, const fault& b) {
    return a.at == b.at && a.what == b.what && a.service == b.service && a.amount == b.amount;
}
bool same_task(const planned_task& a, const planned_task& b) {
    return a.at == b.at && a.what == b.what;
}

template <class T>
void leave_out(std::vector<T>& from, const std::set<std::size_t>& places) {
    std::vector<T> kept;
    for (std::size_t i = 0; i < from.size(); ++i)
        if (!places.contains(i)) kept.push_back(from[i]);
    from = std::move(kept);
}

std::string told(const plan& whole, const report& first) {
    auto smallest = shrink(whole, [](const plan& p) { return !run(p).violations.empty(); });
    auto end = run(smallest);
    return fmt::format("seed {} fails: {}\nwhat it takes: {}\n  {}\nagain: WORLD_SEED={} WORLD_LEAVE_OUT={} "
                       "WORLD_LEAVE_OUT_TASKS={} build/dev/bin/world_test --gtest_filter=replay.one",
                       whole.seed, first.violations.front(), words(smallest), end.violations.front(), whole.seed,
                       left_out(whole.faults, smallest.faults, same_fault),
                       left_out(whole.tasks, smallest.tasks, same_task));
}

struct sweep {
    std::uint64_t runs = 0, failed = 0, steps = 0, statements = 0, crashes = 0;
    std::set<transition> reached;
};

const sweep& all_seeds() {
    static const sweep made = [] {
        sweep s;
        auto first = number("WORLD_FIRST", 1), count = number("WORLD_SEEDS", 2000);
        for (auto seed = first; seed < first + count; ++seed) {
            auto p = plan_of(seed);
            auto r = run(p);
            ++s.runs;
            s.steps += r.steps;
            s.statements += static_cast<std::uint64_t>(r.statements);
            s.crashes += static_cast<std::uint64_t>(r.crashes);
            s.reached.merge(r.reached);
            if (r.violations.empty()) continue;
            ADD_FAILURE() << told(p, r);
            if (++s.failed == number("WORLD_FAILURES", 3)) break;
        }
        fmt::print("{} seeds: {} steps, {} statements, {} crashes\n", s.runs, s.steps, s.statements, s.crashes);
        return s;
    }();
    return made;
}

} // namespace

TEST(world, nothing_is_lost_whatever_happens) {
    EXPECT_EQ(all_seeds().failed, 0U);
}

namespace {

/// What no seed of the sweep met by chance is gone after: the event is made to happen in that state, in the plans of so
/// many seeds at most. Returns how many runs that took.
int go_after(const transition& wanted, std::set<transition>& reached) {
    constexpr int runs_most = 1000;
    for (int n = 1; n <= runs_most; ++n) {
        auto p = plan_of(static_cast<std::uint64_t>(n));
        p.after = aim{wanted.from, wanted.event};
        auto r = run(p);
        for (const auto& each : r.violations)
            ADD_FAILURE() << "seed " << n << " after " << wanted.from << " + " << wanted.event << ": " << each;
        reached.merge(r.reached);
        if (reached.contains(wanted)) return n;
    }
    return runs_most;
}

} // namespace

TEST(world, every_state_and_every_transition_is_reached) {
    auto accepted = accepted_transitions();
    EXPECT_GE(accepted.size(), 39U);
    std::set<std::string> states;
    auto reached = all_seeds().reached;
    for (const auto& t : accepted) {
        if (!reached.contains(t))
            fmt::print("{} + {} -> {}: after {} runs\n", t.from, t.event, t.to, go_after(t, reached));
        EXPECT_TRUE(reached.contains(t)) << t.from << " + " << t.event << " -> " << t.to << " was never seen";
        states.insert(t.from);
    }
    for (const auto& t : reached)
        EXPECT_TRUE(accepted.contains(t)) << t.from << " + " << t.event << " -> " << t.to << " is none";
    fmt::print("{} transitions, from {} states that can be left\n", accepted.size(), states.size());
}

TEST(replay, a_seed_does_the_same_twice) {
    for (std::uint64_t seed : {7, 42, 1234}) {
        auto once = run(plan_of(seed), true), again = run(plan_of(seed), true);
        EXPECT_GT(once.lines.size(), 50U);
        EXPECT_EQ(once.lines, again.lines) << seed;
        EXPECT_EQ(once.sum, again.sum);
        EXPECT_EQ(run(plan_of(seed)).sum, once.sum) << "looking changes nothing";
        EXPECT_NE(run(plan_of(seed + 1)).sum, once.sum);
    }
}

TEST(replay, one) {
    auto seed = number("WORLD_SEED", 7);
    auto p = plan_of(seed);
    leave_out(p.faults, numbers("WORLD_LEAVE_OUT"));
    leave_out(p.tasks, numbers("WORLD_LEAVE_OUT_TASKS"));
    auto r = run(p, true);
    if (!std::getenv("WORLD_SEED")) return;
    fmt::print("{}\n", words(p));
    for (const auto& line : r.lines)
        fmt::print("{}\n", line);
    for (const auto& each : r.violations)
        ADD_FAILURE() << each;
}

TEST(shrink, leaves_out_what_it_does_not_take) {
    auto p = plan_of(3);
    p.faults.clear();
    for (int i = 0; i < 13; ++i)
        p.faults.push_back({.at = milliseconds(i), .what = fault::kind::leave, .amount = i});
    int asked = 0;
    auto least = world::shrink(p, [&](const plan& tried) {
        ++asked;
        auto has = [&](int n) { return std::ranges::any_of(tried.faults, [&](auto& f) { return f.amount == n; }); };
        return has(4) && has(11);
    });
    ASSERT_EQ(least.faults.size(), 2U);
    EXPECT_EQ(least.faults[0].amount, 4);
    EXPECT_EQ(least.faults[1].amount, 11);
    EXPECT_TRUE(least.tasks.empty());
    EXPECT_LT(asked, 100);
}
