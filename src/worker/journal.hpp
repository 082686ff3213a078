#pragma once
#include "mechanic/progress.hpp"
#include "queue/limits.hpp"
#include "queue/tasks.hpp"
#include "worker/limits.hpp"

namespace persais::worker {

/// The log of a task while a worker holds it, kept in the database for `persais log` and others that watch. Lines are
/// gathered and written together, once in limits::journal_every and with each state of the task, so that a stream of
/// output costs few statements, and what was logged before a state is stored before it, also after kill -9.
class journal {
public:
    journal(queue::leases& to, task_id id, fence held);
    ~journal();
    journal(const journal&) = delete;

    /// Logs what is being done, as its line of English.
    void progress(const mechanic::progress& doing);
    /// Logs the agent's output, in pieces as they come. What is over limits::journal_bytes is not kept, and a line says
    /// so.
    void words(std::string_view piece);

    /// Writes what was gathered. Throws db_error.
    awaitable<void> write();
    /// Writes repeatedly, until cancelled. While the database is unreachable, the lines of that time are lost, and
    /// nothing else.
    awaitable<void> keep_writing();

private:
    void close_words();
    std::vector<queue::leases::line> take();

    queue::leases& to_; // declared in the wiring, outlives us
    task_id id_;
    fence held_;
    std::vector<queue::leases::line> lines_;
    std::string words_;
    std::size_t kept_ = 0;
};

} // namespace persais::worker
