#pragma once
#include "coder/agent.hpp"
#include "coder/aider_options.hpp"

#include <filesystem>
#include <functional>

namespace persais::coder {

/// The paths of aider: its Python environment (a folder with bin/python) and our wrapper (run.py).
struct aider_installation {
    std::filesystem::path environment;
    std::filesystem::path wrapper;
};

/// aider, through the protocol of agent/README.md.
class aider final : public agent {
public:
    /// `confine` outlives it. `options` is called for each run, because settings change while the service runs.
    aider(const sandbox::backend& confine, aider_installation where, std::function<aider_options()> options);

    std::string second_model() const override { return options_().weak_model; }
    awaitable<report> run(job what, listener tell) const override;

private:
    sandbox::child_spec program(const job& what) const;

    const sandbox::backend& confine_;
    aider_installation where_;
    std::function<aider_options()> options_;
};

} // namespace persais::coder
