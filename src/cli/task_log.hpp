#pragma once
#include "mechanic/task.hpp"
#include "queue/listing.hpp"

#include <string>

namespace persais::cli {

/// Writes a task's happenings as lines for people: the day when it changes, the time, the state; progress below it; the
/// agent's words, a stream whose pieces end anywhere, behind a bar. Nothing in them is obeyed by a terminal.
class log_lines {
public:
    /// What is to be printed for the next happening.
    std::string add(const queue::happening& h);
    /// Ends a line that the agent left open.
    std::string end();

private:
    std::string words(std::string_view piece);

    std::string day_;
    std::string last_progress_;
    bool open_ = false; // the last line of words has no end yet
};

/// `persais log --json`: {"event":"state",…} and {"event":"progress",…} as contract.md has them for `run`, with `at`;
/// {"event":"log","text":…} for the agent's words.
std::string log_json(task_id task, const queue::happening& h);

/// What follows the happenings of a task: what the red checks printed, if they are red, and how the task ended.
std::string log_tail(const mechanic::task& t);
/// The same as JSON: {"event":"checks",…}, {"event":"end",…}; nothing for a task that goes on.
std::string log_tail_json(const mechanic::task& t);

} // namespace persais::cli
