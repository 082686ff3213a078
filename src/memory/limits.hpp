#pragma once
#include <cstddef>

/// Limits of memory/. docs/limits.md explains each.
namespace persais::limits {

inline constexpr std::size_t memory_item_bytes = 2048; // of one thing that is remembered; the table's CHECK has it too
inline constexpr std::size_t recalled_bytes = 4'500;   // of the notes that a turn is given: 1,500 tokens at most
inline constexpr int recalled_items = 8;               // that a turn is given
inline constexpr std::size_t paths_remembered = 12;    // of the files that a task changed
inline constexpr std::size_t path_remembered_bytes = 200; // of one of them
inline constexpr int twins_told = 2;                      // earlier tasks that wanted much the same as a new one
inline constexpr int memory_found = 200;                  // items that a list or a search gives

} // namespace persais::limits
