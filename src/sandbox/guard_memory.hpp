#pragma once
#include "base/async.hpp"
#include "base/result.hpp"
#include "sandbox/memory_guard.hpp"

#include <memory>
#include <optional>

namespace persais::sandbox {

/// Tests control groups by running a program in one, whose memory the kernel must count; version 2 before version 1.
/// Where neither is usable, the keepers watch the memory. `only`, for tests: just that kind; an error when it is not
/// available.
awaitable<result<std::shared_ptr<memory_guard>>> guard_memory(memory_plan plan, std::optional<memory_hold> only = {});

} // namespace persais::sandbox
