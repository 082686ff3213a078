#pragma once
#include "mechanic/progress.hpp"
#include "queue/limits.hpp"
#include "queue/tasks.hpp"
#include "worker/limits.hpp"

namespace persais::worker {

/// What happens to a task while a worker holds it, kept in the database for `persais log` and whoever watches. Lines
/// are gathered and written together, once in limits::journal_every and with each state of the task: a stream of words
/// costs few statements, and what was told before a state stands before it, also after kill -9.
class journal {
public:
    journal(queue::leases& to, task_id id, fence held);
    ~journal();
    journal(const journal&) = delete;

    /// What is being done, kept as its line of English.
    void progress(const mechanic::progress& doing);
    /// The agent's words, in pieces as they come. What is over limits::journal_bytes is not kept, and that is said.
    void words(std::string_view piece);

    /// Writes what has come. Throws db_error.
    awaitable<void> write();
    /// Does so again and again, until cancelled. A database that is away costs the lines of that time, no more.
    awaitable<void> keep_writing();

private:
    void close_words();
    std::vector<queue::leases::line> take();

    queue::leases& to_; // the wiring's, outlives us
    task_id id_;
    fence held_;
    std::vector<queue::leases::line> lines_;
    std::string words_;
    std::size_t kept_ = 0;
};

} // namespace persais::worker
