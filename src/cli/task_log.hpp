#pragma once
#include "api/task_json.hpp"
#include "mechanic/task.hpp"
#include "queue/listing.hpp"

#include <string>

namespace persais::cli {

/// Writes a task's events as lines for people: the day when it changes, the time, the state; progress below it; the
/// agent's output, a stream whose pieces may end anywhere, behind a bar. Escape sequences in it have no effect on a
/// terminal.
class log_lines {
public:
    /// The text to print for the next event.
    std::string add(const queue::happening& h);
    /// Ends a line that the agent's output left open.
    std::string end();

private:
    std::string words(std::string_view piece);

    std::string day_;
    std::string last_progress_;
    bool open_ = false; // the last line of output has no end yet
};

/// A line of `persais log --json`: {"event":"state",…} and {"event":"progress",…} as in contract.md for `run`, with
/// `at`; {"event":"log","text":…} for the agent's output.
std::string log_json(task_id task, const queue::happening& h);

/// The text after the task's events: what the red checks printed, if they are red, and how the task ended.
std::string log_tail(const mechanic::task& t);
/// The same as JSON: {"event":"checks",…}, {"event":"end",…}; empty for a task that has not ended.
std::string log_tail_json(const mechanic::task& t);

} // namespace persais::cli
