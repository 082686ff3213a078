#pragma once
#include "base/clock.hpp"
#include "coder/agent.hpp"
#include "config/settings.hpp"
#include "llm/gateway.hpp"
#include "mechanic/task.hpp"
#include "queue/tasks.hpp"
#include "sandbox/sandbox.hpp"

#include <filesystem>
#include <functional>

namespace persais::app {

/// What the driver works with. All of it is declared in the wiring (wiring.cpp) before the driver and outlives it.
struct parts {
    const config::settings& settings;
    const clock& time;
    queue::tasks& tasks;
    llm::gateway& gateway;
    const sandbox::ladder& ladder;
    coder::installation agent;
    std::filesystem::path gateway_socket;
    std::filesystem::path mirrors;   // PERSAIS_DATA/mirrors
    std::filesystem::path workshops; // PERSAIS_DATA/tasks
};

/// Who watches a task: a terminal, later a chat. Each may be empty; none may throw.
struct observer {
    std::function<void(const mechanic::task&)> state;
    std::function<void(std::string_view)> progress;   // one line
    std::function<void(std::string_view)> agent_text; // the model's words as they come
    std::function<void(const llm::spent&)> money;
};

} // namespace persais::app
