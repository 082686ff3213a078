#pragma once
#include "mechanic/event.hpp"
#include "sandbox/child.hpp"
#include "store/store.hpp"
#include "world/dice.hpp"

#include <fmt/format.h>

namespace persais::world {

// What a simulated command may come to, by the dice alone.

inline std::string hex(std::uint64_t a, std::uint64_t b) {
    return fmt::format("{:016x}{:016x}{:08x}", a, b, (a ^ b) & 0xffffffff);
}

inline double took(dice_row& d) {
    return static_cast<double>(d.below(1000)) / 100;
}

inline mechanic::event world_is_broken(dice_row& d) {
    switch (d.below(5)) {
    case 0:
        throw std::runtime_error("the sandbox is gone");
    case 1:
        throw store::db_error("08006", "the ledger cannot be reached");
    case 2:
        throw sandbox::interrupted("the agent was killed");
    default:
        return mechanic::world_trouble{.sentence = "the disk is full", .may_pass = d.chance(50)};
    }
}

/// Before the agent is started: spending may be paused, too.
inline mechanic::event begins_with_trouble(dice_row& d) {
    if (d.chance(20)) return mechanic::model_failed{.why = mechanic::model_trouble::paused, .sentence = "paused"};
    return world_is_broken(d);
}

inline mechanic::model_failed model_trouble_of(dice_row& d) {
    mechanic::model_failed f{
        .why = static_cast<mechanic::model_trouble>(d.below(1 + int(mechanic::model_trouble::nonsense))),
        .sentence = "the model",
        .took_seconds = took(d)};
    if (f.why == mechanic::model_trouble::rate && d.chance(50)) f.retry_after = std::chrono::seconds(d.between(1, 600));
    return f;
}

/// What a run of the checks comes to: green, red, could not run, not run, the world is broken, too much disk.
inline mechanic::event checks_come_to(std::size_t way, dice_row& d) {
    using mechanic::check_outcome;
    switch (way) {
    case 0:
        return mechanic::checked{.how = check_outcome::green, .took_seconds = took(d)};
    case 1:
        return mechanic::checked{check_outcome::red, d.chance(50) ? "FAILED test_a" : "", "", took(d)};
    case 2:
        return mechanic::checked{check_outcome::could_not_run, "", "`make` is not installed", took(d)};
    case 3:
        return mechanic::checked{.how = check_outcome::not_run, .took_seconds = took(d)};
    case 5:
        return mechanic::over_disk{.sentence = "too much disk", .took_seconds = took(d)};
    default:
        return world_is_broken(d);
    }
}

} // namespace persais::world
