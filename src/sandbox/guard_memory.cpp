#include "sandbox/guard_memory.hpp"

#include "sandbox/child.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/spawn.hpp"

namespace persais::sandbox {
namespace {

/// Empty when the kernel counts the memory of what runs in the guard's groups; else the reason why it does not.
awaitable<std::string> what_is_wrong(std::shared_ptr<memory_guard> guard) {
    child_spec spec;
    auto pids = guard->groups->pids().string();
    spec.argv = {keeper_path(), "probe-group", guard->groups->memory(), pids.empty() ? "-" : pids,
                 std::to_string(guard->state.task_bytes)};
    spec.total = limits::sandbox_probe;
    spec.memory = guard;
    auto result = co_await run_child(std::move(spec));
    if (result.ok()) co_return "";
    auto said = result.output.substr(0, result.output.find('\n'));
    co_return said.empty() ? "a program could not be started in a group" : said;
}

void add(std::string& why, const std::string& more) {
    if (!why.empty()) why += "; ";
    why += more;
}

} // namespace

awaitable<result<std::shared_ptr<memory_guard>>> guard_memory(memory_plan plan, std::optional<memory_hold> only) {
    std::string why;
    for (auto how : {memory_hold::cgroup_v2, memory_hold::cgroup_v1}) {
        if (only && *only != how) continue;
        auto groups = how == memory_hold::cgroup_v2 ? task_groups::version_2(plan) : task_groups::version_1(plan);
        if (!groups) {
            add(why, groups.error());
            continue;
        }
        auto guard = std::make_shared<memory_guard>();
        guard->state = {.how = how, .task_bytes = plan.task_bytes};
        guard->groups = std::move(*groups);
        auto wrong = co_await what_is_wrong(guard);
        if (wrong.empty()) co_return guard;
        add(why, wrong);
    }
    if (only && *only != memory_hold::watched) co_return fail(why);
    auto guard = std::make_shared<memory_guard>();
    guard->state = {.how = memory_hold::watched, .task_bytes = plan.task_bytes, .why = why};
    co_return guard;
}

} // namespace persais::sandbox
