#pragma once
#include "base/async.hpp"
#include "coder/job.hpp"

namespace persais::coder {

/// A program that changes a tree by the instructions of a model. Keeps no state of a run: several may run at once.
class agent {
public:
    virtual ~agent() = default;
    /// A second model that the agent may call, which the gateway has to allow; empty: none.
    virtual std::string second_model() const = 0;
    /// Runs one job, confined to its place. Never throws because of what the agent does: whatever it prints and however
    /// it ends is a report. An exception of the listener ends the run and is rethrown; a cancellation kills everything
    /// that the run started, then throws. The agent outlives the run.
    virtual awaitable<report> run(job what, listener tell) const = 0;
};

} // namespace persais::coder
