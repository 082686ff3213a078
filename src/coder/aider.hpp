#pragma once
#include "coder/agent.hpp"
#include "coder/aider_installation.hpp"
#include "coder/aider_options.hpp"
#include "sandbox/process.hpp"

#include <functional>

namespace persais::coder {

class prepared_agent; // prepared_agent.hpp

/// aider, through the protocol of agent/README.md.
class aider final : public agent {
public:
    /// `confine` outlives it. `options` is called for each run, because settings change while the service runs.
    /// `prepared`, which outlives it too: what runs are cloned from; null: each starts cold.
    aider(const sandbox::backend& confine, aider_installation where, std::function<aider_options()> options,
          prepared_agent* prepared = nullptr);

    std::string second_model() const override { return options_().weak_model; }
    awaitable<report> run(job what, listener tell) const override;

private:
    sandbox::child_spec program(const job& what) const;
    awaitable<sandbox::child_result> run_program(const job& what, sandbox::conversation talk) const;

    const sandbox::backend& confine_;
    aider_installation where_;
    std::function<aider_options()> options_;
    prepared_agent* prepared_;
};

} // namespace persais::coder
