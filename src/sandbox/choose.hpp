#pragma once
#include "sandbox/sandbox.hpp"

#include <functional>
#include <optional>

namespace persais::sandbox {

/// What is kept from tasks.
struct hidden_files {
    std::function<std::vector<std::filesystem::path>()> now = {}; // asked for each program; may be empty
    std::vector<std::filesystem::path> tools = {};                // that tasks will see (view::tools)
};

/// Tests each isolation level by really running a program in it. On refusal `why` is one sentence that says what was
/// tried, what the system answered and what to change. `unsafe` (PERSAIS_UNSAFE=1) is used only when no isolation level
/// works. Each confined program gets `disk`, and the plan's task_bytes, enforced by the best means that this machine
/// allows (memory.hpp). `only`, for tests: by just that means; refused where it is not available. Refused, also when
/// `unsafe`, where what has to be hidden cannot be.
awaitable<choice> choose(bool unsafe, memory_plan plan = plan_for_this_machine(), std::optional<memory_hold> only = {},
                         hidden_files hide = {}, disk_plan disk = {});

/// Whether a prepared parent's clones can enter the sandboxes of this backend, tried with one that has nothing prepared
/// (prepared_parent.hpp); empty: they can, else why not, without a full stop.
awaitable<std::string> why_no_clones(const backend& confine);

} // namespace persais::sandbox
