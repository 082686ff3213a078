#pragma once
#include <chrono>
#include <cstddef>

/// Limits of config/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto reload_quiet = 500ms; // without changes of the settings' files, before they are read again
inline constexpr auto reload_at_most = 5s;  // when the files never are quiet
inline constexpr int deploy_approvals = 10; // that DEPLOY_RULES may ask for
inline constexpr std::size_t redact_least_bytes = 6; // a shorter secret is not masked in logs, because it is a word

} // namespace persais::limits
