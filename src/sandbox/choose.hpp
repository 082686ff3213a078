#pragma once
#include "sandbox/sandbox.hpp"

#include <optional>

namespace persais::sandbox {

/// Tries each isolation level for real. On refusal `why` is one sentence that says what was tried, what the system said
/// and what to change. `unsafe` (PERSAIS_UNSAFE=1) is used only when no isolation level holds. Each confined program
/// gets the plan's task_bytes, held by the best that this machine allows (memory.hpp; `only`, for tests: by just that,
/// and refused where it cannot be had).
awaitable<choice> choose(bool unsafe, memory_plan plan = plan_for_this_machine(), std::optional<memory_hold> only = {});

} // namespace persais::sandbox
