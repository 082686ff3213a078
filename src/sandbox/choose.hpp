#pragma once
#include "sandbox/sandbox.hpp"

#include <optional>

namespace persais::sandbox {

/// Tests each isolation level by really running a program in it. On refusal `why` is one sentence that says what was
/// tried, what the system answered and what to change. `unsafe` (PERSAIS_UNSAFE=1) is used only when no isolation level
/// works. Each confined program gets the plan's task_bytes, enforced by the best means that this machine allows
/// (memory.hpp). `only`, for tests: by just that means; refused where it is not available.
awaitable<choice> choose(bool unsafe, memory_plan plan = plan_for_this_machine(), std::optional<memory_hold> only = {});

} // namespace persais::sandbox
