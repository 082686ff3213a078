#pragma once
#include "base/async.hpp"
#include "sandbox/child_spec.hpp"
#include "sandbox/lines.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace persais::sandbox {

struct running_child; // running_child.hpp

/// A child with which the caller communicates while it runs. For coroutines of one executor; it lives as long as the
/// conversation.
class process {
public:
    explicit process(std::shared_ptr<running_child> child) : child_(std::move(child)) {}

    /// The next line of its standard output; nullopt when there will be none, because the child closed it or was ended.
    /// Unread lines are kept up to limits::process_unread_bytes; then the child must wait, which does not count as
    /// idle.
    awaitable<std::optional<line>> read_line();
    /// Appends to its standard input, and waits while the child still has to read more than
    /// limits::process_input_bytes. False: the child reads no more, because it closed its input or was ended. A
    /// cancelled wait leaves the bytes in the queue.
    awaitable<bool> write(std::string bytes);
    /// The child sees the end of its input after the bytes written so far.
    void close_input();
    /// Ends the tree as a deadline does; the result is ended::killed unless the child had already ended.
    void kill();

private:
    std::shared_ptr<running_child> child_;
};

/// Communicates with a child. Its reads and writes end when the child does; anything else that it awaits needs its own
/// deadline. When it returns, the child's input is closed, and further output only goes into the result.
using conversation = std::function<awaitable<void>(process&)>;

/// As run_child (its rules about deadlines, cancellation and the whole tree hold), with a conversation at the same
/// time. spec.input and spec.on_output are not used. An exception of `talk` ends the tree, and is rethrown when the
/// tree is gone.
awaitable<child_result> run_process(child_spec spec, conversation talk);

} // namespace persais::sandbox
