#pragma once
#include "base/async.hpp"
#include "base/result.hpp"
#include "sandbox/memory_guard.hpp"

#include <memory>
#include <optional>

namespace persais::sandbox {

/// Tries control groups for real (a program runs in one, and the kernel has to count what it touches), version 2
/// before 1; where neither can be used, keepers watch. `only`, for tests: just that; an error when it cannot be had.
awaitable<result<std::shared_ptr<memory_guard>>> guard_memory(memory_plan plan, std::optional<memory_hold> only = {});

} // namespace persais::sandbox
