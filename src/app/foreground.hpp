#pragma once
#include "app/engine.hpp"
#include "base/background.hpp"
#include "mechanic/step.hpp"

namespace persais::app {

/// How a foreground task ended, for who asked for it.
struct foreground_result {
    mechanic::task task;
    llm::spent spent;
    double total_seconds = 0;
    bool interrupted = false; // by the person, with Ctrl-C
};

/// `persais run`: one task, waited for to its end. `resume`: goes on with this one instead of making a new one.
/// An error is one sentence: there is no such task, or another process works on it. Throws db_error.
awaitable<result<foreground_result>> run_foreground(const engine& on, mechanic::order what,
                                                    std::optional<task_id> resume, observer tell);

} // namespace persais::app
