#pragma once
#include <chrono>
#include <cstddef>

/// Limits of telegram/dialog/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto update_old = 10min;              // the answer to an older message says how old it is
inline constexpr auto said_together = 2s;              // between messages of one person that are one instruction
inline constexpr std::size_t setting_characters = 200; // of a repository's setting, shown
inline constexpr int buttons_shown = 8;                // tasks, repositories or models to choose from
inline constexpr int memory_shown = 8;                 // items of a repository's memory
inline constexpr auto link_code_valid = 15min;         // with which a person is the same one at a terminal
inline constexpr auto expects_for = 15min;             // for the answer to a question of ours
inline constexpr std::size_t chat_file_bytes = 4UL * 1024 * 1024; // of a diff or log that is sent as a file

} // namespace persais::limits
