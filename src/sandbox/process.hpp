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

/// A child that is spoken with while it runs. For coroutines of one executor; lives as long as the conversation.
class process {
public:
    explicit process(std::shared_ptr<running_child> child) : child_(std::move(child)) {}

    /// The next line of its standard output; nullopt when there will be no more, because it ended it or was ended. What
    /// nobody reads is kept up to limits::process_unread_bytes; then the child waits, which counts as no silence.
    awaitable<std::optional<line>> read_line();
    /// Adds to its standard input and waits while more than limits::process_input_bytes are still to be taken by it.
    /// False: it takes no more, because it closed it or was ended. A cancelled wait leaves the bytes where they are.
    awaitable<bool> write(std::string bytes);
    /// The child sees the end of its input after what was written.
    void close_input();
    /// Ends the tree as a deadline does; the result is ended::killed unless the child had ended by itself.
    void kill();

private:
    std::shared_ptr<running_child> child_;
};

/// Speaks with a child. Its wait for the child ends when the child does; whatever else it awaits needs a deadline of
/// its own. When it returns, the child's input is closed, and what it prints goes into the result only.
using conversation = std::function<awaitable<void>(process&)>;

/// As run_child (all that is said there of deadlines, cancellation and the whole tree holds), with a conversation
/// beside it. spec.input and spec.on_output are not used. What `talk` throws ends the tree, and is thrown when it is
/// gone.
awaitable<child_result> run_process(child_spec spec, conversation talk);

} // namespace persais::sandbox
