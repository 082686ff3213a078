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

/// What a terminal waits for: a new task, one to go on with after an interruption, or the next turn of one.
struct foreground_wish {
    mechanic::order order;
    std::optional<task_id> task = {};      // instead of a new one
    std::optional<std::string> reply = {}; // to that task; nullopt: it is resumed
    bool from_answer = false;              // of that task, a question, a new one is made
};

/// One task, or turn of a task, waited for to its end. An error is one sentence: there is no such task, it cannot go
/// on, or another process works on it. Throws db_error.
awaitable<result<foreground_result>> run_foreground(const engine& on, foreground_wish what, worker::observer tell);

} // namespace persais::app
