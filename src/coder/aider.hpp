#pragma once
#include "coder/agent.hpp"

#include <filesystem>
#include <functional>

namespace persais::coder {

/// Where aider stands: its Python environment (a folder with bin/python) and our wrapper (run.py).
struct aider_installation {
    std::filesystem::path environment;
    std::filesystem::path wrapper;
};

struct aider_options {
    std::string weak_model;  // empty: the job's own
    std::string edit_format; // empty: aider's choice
};

/// aider, by the protocol of agent/README.md.
class aider final : public agent {
public:
    /// `confine` outlives it. `options` is asked at each run, because settings change while the service runs.
    aider(const sandbox::ladder& confine, aider_installation where, std::function<aider_options()> options);

    std::string second_model() const override { return options_().weak_model; }
    awaitable<report> run(job what, listener tell) const override;

private:
    sandbox::child_spec program(const job& what) const;

    const sandbox::ladder& confine_;
    aider_installation where_;
    std::function<aider_options()> options_;
};

} // namespace persais::coder
