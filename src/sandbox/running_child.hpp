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

/// One child from start to end, shared by the coroutines that serve it and by what waits for them. Everything here is
/// used on one executor, and whoever changes something that another waits for calls wake_all.
struct running_child {
    using stream = asio::posix::stream_descriptor;
    using steady = std::chrono::steady_clock;

    running_child(const asio::any_io_executor& executor, child_spec what, keeper_process process,
                  bool has_conversation);

    /// Begins the end of the tree, once; `why` is what the result says of it. The keeper does the rest, also when this
    /// process dies.
    void end(std::optional<ended> why = {});
    /// No more lines are kept for the conversation, and no input comes any more.
    void end_conversation();
    void wake_all();
    bool takes_input() const { return !input_over && !input_ends && !ending; }
    std::size_t untaken() const { return to_write.size() - taken; }
    /// Until something changed; returns early when the waiting coroutine is cancelled.
    static awaitable<> change(std::shared_ptr<running_child> child);

    child_spec spec;
    steady::time_point started = steady::now();
    pid_t pid;
    owned_fd life;
    stream pidfd, input, output, error, status;
    asio::steady_timer changed;         // never expires; its waits end by wake_all
    asio::steady_timer deadline, drain; // of watch and of follow, which wait for a time, too
    ring kept_output, kept_error;
    line_buffer lines;      // that the conversation has not read
    std::string to_write;   // to its input, of which it has
    std::size_t taken = 0;  // so many bytes already
    bool conversing;        // lines are wanted
    bool input_ends;        // after to_write
    bool held_back = false; // its output is not read, because too many lines wait
    bool output_over = false;
    bool input_over = false; // it takes no more
    bool ending = false;
    bool keeper_ended = false;
    int readers = 0;               // output streams that are still open
    int coroutines = 0;            // that serve this child
    std::optional<ended> ended_by; // what ended it, if not it itself
    std::exception_ptr broken;     // of on_output, on_error or the conversation; ended the child
    steady::time_point last_sign = steady::now();
    std::vector<keeper::record> records;
};

/// Starts what serves the child; when child->coroutines is 0 again, the tree is gone and its streams are closed.
void serve(const asio::any_io_executor& executor, const std::shared_ptr<running_child>& child);

/// How a child that is gone ended, as its keepers' records tell it; with what was kept of its output.
child_result outcome_of(running_child& child);

} // namespace persais::sandbox
