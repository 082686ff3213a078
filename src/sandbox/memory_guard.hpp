#pragma once
#include "sandbox/memory.hpp"
#include "sandbox/task_groups.hpp"

#include <optional>

namespace persais::sandbox {

/// What limits the memory of a task's programs; shared by the backend and the children that it confined. Must be used
/// on one thread only.
struct memory_guard {
    memory_state state;
    std::optional<task_groups> groups; // when control groups are used
};

} // namespace persais::sandbox
