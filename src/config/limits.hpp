#pragma once
#include <chrono>
#include <cstddef>

/// Limits of config/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto reload_quiet = 500ms;          // of the settings' files, before they are read again
inline constexpr auto reload_at_most = 5s;           // of files that never are quiet
inline constexpr std::size_t redact_least_bytes = 6; // a shorter secret is not masked in logs: it is a word

} // namespace persais::limits
