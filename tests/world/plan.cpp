#include "world/plan.hpp"

#include "world/dice.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace persais::world {

using namespace std::chrono_literals;
using enum fault::kind;

namespace {

struct row {
    fault::kind what;
    const char* name;
    unsigned weight;
};
constexpr std::array table{
    row{crash, "a crash", 6},
    row{crash_at_point, "a crash at a point", 14},
    row{leave, "SIGTERM", 4},
    row{lose_answer, "an answer is lost", 10},
    row{lose_request, "a statement is lost", 6},
    row{lose_write_answer, "the answer to a write is lost", 10},
    row{late_write, "a write is late", 5},
    row{cut_database, "a service loses the database", 5},
    row{cut_all, "the database is away", 3},
    row{slow_database, "the database is slow", 5},
    row{deaf, "notifications are lost", 3},
    row{service_clock, "a service's clock jumps", 4},
    row{store_clock, "the database's clock jumps", 4},
    row{remote_away, "the remote is away", 4},
    row{model_away, "the model is away", 4},
    row{abort, "a person aborts", 8},
    row{retry, "a person retries", 3},
    row{wake, "causes go away", 5},
    row{reply, "a person replies", 16},
    row{push_held, "a person lets a held change be pushed", 4},
    row{more_money, "a person gives more money", 3},
    row{deploy, "a person deploys", 30},
    row{roll_back, "a person rolls back", 14},
    row{discard, "a person discards", 0}, // of these add_discards() has more
    row{undiscard, "a person undoes that", 0},
    row{foreign_push, "somebody pushes onto the task's branch", 3},
    row{delete_branch, "somebody deletes the task's branch", 1},
    row{disk_lost, "a disk is lost", 2},
    row{broken_row, "a row cannot be read", 1},
};
static_assert(table.size() == static_cast<std::size_t>(last_));

/// From a fraction of a second to days; small jumps are more frequent.
milliseconds jump(dice_row& d) {
    std::array sizes{1s, 5s, 20s, 90s, 600s, 3600s, 36000s, 90000s, 250000s};
    auto most = milliseconds(sizes.at(d.below(sizes.size()))).count();
    auto size = d.between(most / 2, most);
    return milliseconds(d.chance(25) ? -size : size);
}

fault fault_of(dice_row& d, const plan& p, milliseconds horizon) {
    std::array<unsigned, table.size()> weights{};
    std::ranges::transform(table, weights.begin(), &row::weight);
    fault f{.at = milliseconds(d.between(0, horizon.count())),
            .what = table.at(d.pick(weights)).what,
            .service = static_cast<int>(d.below(static_cast<std::uint64_t>(p.services))),
            .lasts = milliseconds(d.between(200, d.chance(20) ? 400'000 : 15'000))};
    switch (f.what) {
    case crash:
    case leave:
    case disk_lost:
        f.amount = d.between(10, d.chance(30) ? 60'000 : 3'000);
        break;
    case service_clock:
    case store_clock:
        f.amount = jump(d).count();
        break;
    case crash_at_point:
    case wake:
        f.amount = d.between(0, 1000);
        break;
    default:
        f.amount = d.between(1, static_cast<std::int64_t>(p.tasks.size()) + 1);
    }
    return f;
}

mechanic::order order_of(dice_row& d) {
    return {.what = d.chance(15) ? mechanic::order::kind::question : mechanic::order::kind::change,
            .remote = d.chance(60) ? "/srv/a.git" : "/srv/b.git",
            .instruction = "mend it",
            .model = "a/b",
            .budget_usd = d.chance(20) ? 0.6 : 5.0,
            .attempts = static_cast<int>(d.between(1, 3)),
            .repair_rounds = static_cast<int>(d.between(0, 3)),
            .foreground = false};
}

/// Results are deployed when there are some, rolled back soon after, and each is disturbed now and then.
void add_landings(dice_row& d, plan& p) {
    auto then = [&](fault::kind what, milliseconds at, std::int64_t amount) {
        p.faults.push_back({.at = at,
                            .what = what,
                            .service = static_cast<int>(d.below(static_cast<std::uint64_t>(p.services))),
                            .amount = amount,
                            .lasts = milliseconds(d.between(200, 15'000))});
        return at;
    };
    auto disturbed = [&](milliseconds at, std::int64_t task) {
        auto soon = at + milliseconds(d.between(50, 6'000));
        auto way = d.pick({4, 3, 3, 3, 1, 1, 2, 2, 2, 2});
        if (way == 1) then(abort, soon, task);
        if (way == 2) then(crash, soon, d.between(10, 3'000));
        if (way == 3) { // nobody works for a while
            for (int n = 0; n < p.services; ++n)
                p.faults.push_back({.at = soon, .what = leave, .service = n, .amount = 3'000});
            then(abort, soon + milliseconds(d.between(500, 2'500)), task);
        }
        if (way == 4) then(remote_away, soon, task);
        if (way == 5) then(abort, then(remote_away, soon, task) + milliseconds(d.between(50, 3'000)), task);
        if (way == 7) then(abort, at + milliseconds(d.between(0, 60)), task);
        if (way == 8) then(abort, then(crash, soon, d.between(10, 8'000)) + milliseconds(d.between(0, 9'000)), task);
        if (way == 9) then(abort, at + milliseconds(d.between(5'000, 40'000)), task);
        if (way != 6) return;
        soon = then(crash_at_point, soon, d.between(0, 1000)) + milliseconds(d.between(0, 12'000));
        then(abort, then(abort, soon, task) + milliseconds(d.between(1, 2'000)), task);
    };
    std::int64_t task = 0;
    for (const auto& each : p.tasks) {
        ++task;
        if (!d.chance(75)) continue;
        auto at = then(deploy, each.at + milliseconds(d.between(8'000, 45'000)), task);
        disturbed(at, task);
        if (!d.chance(85)) continue;
        at = then(roll_back, at + milliseconds(d.between(2'000, 30'000)), task);
        disturbed(at, task);
        for (auto n = d.between(1, 8); n > 0; --n) // and there again, and back
            for (auto what : {deploy, roll_back})
                disturbed(at = then(what, at + milliseconds(d.between(4'000, 30'000)), task), task);
        if (d.chance(30)) then(reply, at + milliseconds(d.between(3'000, 30'000)), task);
    }
}

/// Some plans are of nothing but several results of one repository that are deployed at once, where others leave it
/// alone: they are tried on top of one another, and pushed together.
void deploy_together(dice_row d, plan& p) {
    if (p.seed % 12 != 7) return;
    p.tasks.clear();
    p.faults.clear();
    p.slots = static_cast<int>(d.between(4, 8));
    p.together = true;
    p.others_every = 3'600'000ms;
    for (auto n = d.between(3, 7); n > 0; --n)
        p.tasks.push_back({milliseconds(d.between(0, 3'000)),
                           {.remote = "/srv/c.git",
                            .instruction = "mend it",
                            .model = "a/b",
                            .budget_usd = 5.0,
                            .attempts = static_cast<int>(d.between(2, 4)),
                            .repair_rounds = 2,
                            .foreground = false}});
    auto service = [&] { return static_cast<int>(d.below(static_cast<std::uint64_t>(p.services))); };
    auto tasks = static_cast<std::int64_t>(p.tasks.size());
    auto at = milliseconds(50'000);
    for (int round = 0; round < 4; ++round, at += 60'000ms) {
        for (std::int64_t task = 1; task <= tasks; ++task)
            p.faults.push_back({.at = at + milliseconds(d.between(0, 1'500)), .what = deploy, .amount = task});
        auto soon = [&] { return at + milliseconds(d.between(500, 15'000)); };
        auto some_task = [&] { return d.between(1, tasks); };
        if (d.chance(30)) p.faults.push_back({.at = soon(), .what = abort, .amount = some_task()});
        if (d.chance(20)) p.faults.push_back({.at = soon(), .what = crash, .service = service(), .amount = 1'000});
        if (d.chance(20)) p.faults.push_back({.at = soon(), .what = leave, .service = service(), .amount = 1'000});
        for (auto n = d.below(4); n > 0; --n)
            p.faults.push_back(
                {.at = at + milliseconds(d.between(40'000, 40'500)), .what = roll_back, .amount = some_task()});
    }
}

/// Some plans are of nothing but a second turn whose only attempt ends at its checks, so that the result before it is
/// in review again.
void die_at_the_checks(dice_row d, plan& p) {
    if (p.seed % 50 != 3) return;
    p.tasks.resize(1);
    p.tasks.front() = {0ms, {.remote = "/srv/c.git", .instruction = "mend it", .model = "a/b", .budget_usd = 5.0}};
    p.tasks.front().what.attempts = 1;
    p.together = true;
    p.faults = {{.at = 60'000ms, .what = reply, .amount = 1}};
    auto at = p.faults.front().at + milliseconds(d.between(2'000, 8'000));
    for (int n = 0; n < p.services; ++n) // whoever works on it
        p.faults.push_back({.at = at, .what = crash, .service = n, .amount = 1'000});
}

/// In some plans results are put away, and most of those taken up again. Each change of a task moves the luck of all
/// that comes after it, so the other plans are left as they are.
void add_discards(dice_row d, plan& p) {
    if (!d.chance(20)) return;
    std::int64_t task = 0;
    for (const auto& each : p.tasks) {
        ++task;
        if (!d.chance(60)) continue;
        auto at = each.at + milliseconds(d.between(2'000, 40'000));
        p.faults.push_back({.at = at, .what = discard, .amount = task});
        if (!d.chance(70)) continue;
        p.faults.push_back({.at = at + milliseconds(d.between(10, 9'000)), .what = undiscard, .amount = task});
    }
}

/// What was held is let through, in some plans.
void let_through(dice_row d, plan& p) {
    if (!d.chance(20)) return;
    std::int64_t task = 0;
    for (const auto& each : p.tasks)
        p.faults.push_back(
            {.at = each.at + milliseconds(d.between(8'000, 60'000)), .what = push_held, .amount = ++task});
}

/// What ends a turn after the first one, so that the result before it is in review again, is seen in each of its
/// states.
void disturb_turns(dice_row d, plan& p) {
    std::vector<fault> more;
    for (const auto& f : p.faults) {
        if (f.what != reply || !d.chance(40)) continue;
        more.push_back({.at = f.at + milliseconds(d.between(0, 12'000)), .what = abort, .amount = f.amount});
        more.push_back({.at = f.at + milliseconds(d.between(0, 12'000)),
                        .what = crash,
                        .service = static_cast<int>(d.below(static_cast<std::uint64_t>(p.services))),
                        .amount = d.between(10, 3'000)});
    }
    p.faults.insert(p.faults.end(), more.begin(), more.end());
}

/// The same of the turns that begin by themselves after a rollback that met a conflict. With leases of a second, a task
/// that dies in each of its attempts is still there when the next crash comes.
void disturb_conflicts(dice_row d, plan& p) {
    p.conflicts = d.chance(65);
    if (!p.conflicts) return;
    if (d.chance(60)) p.lease_ttl = 1000ms;
    for (auto& each : p.tasks)
        if (d.chance(60)) each.what.attempts = 1;
    auto any = [&] { return static_cast<int>(d.below(static_cast<std::uint64_t>(p.services))); };
    std::int64_t task = 0;
    for (const auto& each : p.tasks) {
        ++task;
        auto at = each.at + milliseconds(d.between(10'000, 30'000));
        for (int n = 0; n < 30; ++n) { // most are refused, because the task is not where they lead from
            p.faults.push_back({.at = at += milliseconds(d.between(1'000, 8'000)), .what = deploy, .amount = task});
            p.faults.push_back({.at = at += milliseconds(d.between(3'000, 9'000)), .what = roll_back, .amount = task});
            if (!d.chance(45)) continue;
            auto way = d.pick({4, 1, 4, 1});
            p.faults.push_back({.at = at + milliseconds(d.between(500, 12'000)),
                                .what = std::array{crash, abort, foreign_push, model_away}[way],
                                .service = any(),
                                .amount = way == 0 ? d.between(10, 3'000) : task,
                                .lasts = milliseconds(d.between(200, 15'000))});
        }
    }
}

} // namespace

plan plan_of(std::uint64_t seed) {
    dice_row d(dice(seed), 1);
    plan p{.seed = seed,
           .services = static_cast<int>(d.between(2, 3)),
           .slots = static_cast<int>(d.between(1, 3)),
           .shared_disk = d.chance(50),
           .fortnight = d.chance(10),
           .lease_ttl = d.chance(40) ? 1000ms : 10'000ms};
    auto horizon = milliseconds(d.between(2'000, 40'000));
    for (auto n = d.between(1, 6); n > 0; --n)
        p.tasks.push_back({milliseconds(d.between(0, horizon.count() / 2)), order_of(d)});
    for (auto n = d.between(0, 20); n > 0; --n) {
        auto f = p.faults.emplace_back(fault_of(d, p, horizon));
        if (f.what != reply || !d.chance(60)) continue; // and a fault for the turn that runs then
        f.what = d.chance(50) ? abort : crash;
        f.at += milliseconds(d.between(0, 8'000));
        p.faults.push_back(f);
    }
    add_landings(d, p);
    disturb_turns(dice_row(dice(seed), 3), p);
    disturb_conflicts(dice_row(dice(seed), 4), p);
    let_through(dice_row(dice(seed), 5), p);
    deploy_together(dice_row(dice(seed), 7), p);
    die_at_the_checks(dice_row(dice(seed), 6), p);
    add_discards(dice_row(dice(seed), 2), p); // dice of their own, so that the rest of a seed's plan is not another one
    std::ranges::sort(p.faults, {}, &fault::at);
    return p;
}

std::string words(const fault& f) {
    return fmt::format("{:>8.3f} s  {} (service {}, amount {}, lasts {} ms)", static_cast<double>(f.at.count()) / 1000,
                       table.at(static_cast<std::size_t>(f.what)).name, f.service, f.amount, f.lasts.count());
}

std::string words(const plan& p) {
    auto text =
        fmt::format("seed {}: {} services of {} slots on {}, leases of {} ms, {} tasks", p.seed, p.services, p.slots,
                    p.shared_disk ? "one disk" : "disks of their own", p.lease_ttl.count(), p.tasks.size());
    for (const auto& f : p.faults)
        text += "\n  " + words(f);
    return text;
}

} // namespace persais::world
