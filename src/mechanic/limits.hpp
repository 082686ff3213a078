#pragma once
#include <chrono>
#include <cstddef>

/// Limits of mechanic/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t instruction_characters = 16'384; // of one instruction; a longer one is refused
inline constexpr std::size_t failed_edits_kept = 20;          // paths of edits that could not be applied
inline constexpr std::size_t noted_kept = 20;                 // files of a change that are pointed out
inline constexpr std::size_t leaks_named = 3;                 // of what looks like a credential, in a sentence
inline constexpr int landing_tries = 30;        // pushes that find the base branch moved, until a person is asked again
inline constexpr int landing_looks = 200;       // in vain, at a remote that is away; most of a day
inline constexpr auto push_settles = 15s;       // after a push was cut off, the remote may still carry it out
inline constexpr auto lane_look_every = 5s;     // until a landing asks again for a lane that another one has
inline constexpr auto request_look_least = 10s; // until a request that waits at the forge is looked at again
inline constexpr auto request_look_most = 2min; // until it is, however long it waits
inline constexpr std::size_t commits_offered = 20; // of ours that the branch of a rollback's request may be at
inline constexpr std::size_t paths_named = 3;      // of those in conflict, in a sentence
inline constexpr std::size_t conflicts_named = 40; // files with conflicts, in the order to solve them
inline constexpr auto wait_look_every = 1h;        // a task that waits for a key or credit is tried again
inline constexpr auto wait_at_most = 24h;          // a task in `waiting` for key, credit or day
inline constexpr auto wait_paused = 24h;           // a task that waits for the end of a pause looks whether it is over

} // namespace persais::limits
