#pragma once
#include "sandbox/memory.hpp"
#include "sandbox/task_groups.hpp"

#include <optional>

namespace persais::sandbox {

/// What holds the memory of a task's programs; shared by the backend and the children that it confined. Used on one
/// thread.
struct memory_guard {
    memory_state state;
    std::optional<task_groups> groups; // with control groups
};

} // namespace persais::sandbox
