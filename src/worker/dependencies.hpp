#pragma once
#include "base/clock.hpp"
#include "coder/agent.hpp"
#include "config/settings.hpp"
#include "http/client.hpp"
#include "llm/gateway.hpp"
#include "mechanic/task.hpp"
#include "memory/recall.hpp"
#include "queue/tasks.hpp"
#include "sandbox/sandbox.hpp"
#include "service/known_repositories.hpp"
#include "service/remote_tokens.hpp"

#include <filesystem>

namespace persais::worker {

/// What work on a task needs of this machine. All of it is declared in the wiring (engine.cpp) before the driver and
/// outlives it.
struct dependencies {
    const config::settings& settings;
    const clock& time;
    queue::leases& leases;
    queue::requests& requests;
    llm::gateway& gateway;
    const sandbox::backend& backend;
    const coder::agent& agent;
    const service::remote_tokens& tokens;
    http::client& web;
    std::filesystem::path gateway_socket;
    std::filesystem::path mirrors;    // PERSAIS_DATA/mirrors
    std::filesystem::path workspaces; // PERSAIS_DATA/tasks
    sandbox::layering layering = sandbox::layering::none;
    service::known_repositories* repositories = nullptr; // null: none has settings of its own
    memory::recall* recall = nullptr;                    // null: nothing is recalled
};

} // namespace persais::worker
