#pragma once
#include "base/async.hpp"
#include "sandbox/child_spec.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/lines.hpp"
#include "sandbox/ring.hpp"
#include "sandbox/spawn.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::sandbox {

/// One child from start to end, shared by the coroutines that serve it and those that wait for them. Everything here is
/// used on one executor, and code that changes something that another coroutine waits for calls wake_all.
struct running_child {
    using stream = asio::posix::stream_descriptor;
    using steady = std::chrono::steady_clock;

    running_child(const asio::any_io_executor& executor, child_spec what, keeper_process process,
                  bool has_conversation);

    /// Starts to end the tree, once; `why` becomes the outcome in the result. The keeper does the rest, even when this
    /// process dies.
    void end(std::optional<ended> why = {});
    /// From now on no more lines are kept for the conversation, and no more input is accepted.
    void end_conversation();
    void wake_all();
    bool takes_input() const { return !input_over && !input_ends && !ending; }
    std::size_t untaken() const { return to_write.size() - taken; }
    /// Waits until something changed; returns early when the waiting coroutine is cancelled.
    static awaitable<> change(std::shared_ptr<running_child> child);

    child_spec spec;
    steady::time_point started = steady::now();
    pid_t pid;
    owned_fd life;
    stream pidfd, input, output, error, status, network;
    asio::steady_timer changed;         // never expires; wake_all ends its waits
    asio::steady_timer deadline, drain; // of watch and of follow, which also wait for a time
    ring kept_output, kept_error;
    line_buffer lines;      // not yet read by the conversation
    std::string to_write;   // queued for its input
    std::size_t taken = 0;  // bytes of it that were already written
    bool conversing;        // lines are wanted
    bool input_ends;        // after to_write
    bool held_back = false; // its output is not read, because too many lines wait
    bool output_over = false;
    bool input_over = false; // it accepts no more
    bool ending = false;
    bool reaped = false;   // the keeper
    bool all_told = false; // by it: nothing of the tree is left
    bool keeper_ended = false;
    int readers = 0;               // number of output streams that are still open
    int coroutines = 0;            // number of those that serve this child
    std::optional<ended> ended_by; // what ended it, unless it ended by itself
    std::exception_ptr broken;     // thrown by on_output, on_error or the conversation; ended the child
    steady::time_point last_sign = steady::now();
    std::vector<keeper::record> records;
};

/// Starts the coroutines that serve the child. When child->coroutines is 0 again, the tree is gone and its streams are
/// closed.
void serve(const asio::any_io_executor& executor, const std::shared_ptr<running_child>& child);

/// The outcome of a child that is gone, according to the records of its keepers, with the output that was kept.
child_result outcome_of(running_child& child);

} // namespace persais::sandbox
