#pragma once
#include "app/engine.hpp"
#include "base/background.hpp"
#include "mechanic/step.hpp"

namespace persais::app {

/// How a foreground task ended, for the caller.
struct foreground_result {
    mechanic::task task;
    llm::spent spent;
    double total_seconds = 0;
    bool interrupted = false; // by the person, with Ctrl-C
};

/// What a terminal waits for: a new task, a task to resume after an interruption, or the next turn of a task.
struct foreground_wish {
    mechanic::order order;
    std::optional<task_id> task = {};      // an existing task instead of a new one
    std::optional<std::string> reply = {}; // the reply to that task; nullopt: it is resumed
    bool push = false;                     // what that task holds back is pushed as it is
    bool from_answer = false;              // that task is a question, and a new task is made from its answer
};

/// Runs one task, or one turn, to its end. An error is one sentence: there is no such task, it cannot go on, or another
/// process works on it. Throws db_error.
awaitable<result<foreground_result>> run_foreground(const engine& on, foreground_wish what, worker::observer tell);

/// Sees a task's deploy or rollback to its end: works on it here, or waits while another process does. `interrupted`
/// says that the person stopped it. Throws db_error.
awaitable<result<foreground_result>> run_landing(const engine& on, task_id id, worker::observer tell);

} // namespace persais::app
