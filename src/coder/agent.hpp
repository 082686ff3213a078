#pragma once
#include "base/async.hpp"
#include "coder/job.hpp"

namespace persais::coder {

/// A program that works on a tree as a model tells it. Holds nothing of a run: several may go on at once.
class agent {
public:
    virtual ~agent() = default;
    /// A model beside the job's own that it may ask, for which the gateway must be open; empty: none.
    virtual std::string second_model() const = 0;
    /// Runs one job, confined to its place. Never throws for what the agent does: whatever it prints and however it
    /// ends is a report. What the listener throws ends the run and is thrown; a cancellation kills all that it started,
    /// then throws. The agent outlives the run.
    virtual awaitable<report> run(job what, listener tell) const = 0;
};

} // namespace persais::coder
