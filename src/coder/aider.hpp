#pragma once
#include "base/async.hpp"
#include "coder/aider_protocol.hpp"
#include "sandbox/sandbox.hpp"

#include <filesystem>
#include <functional>

namespace persais::coder {

/// Where the agent's program stands: its Python environment (a folder with bin/python) and the wrapper (run.py).
struct installation {
    std::filesystem::path environment;
    std::filesystem::path wrapper;
};

struct deadlines {
    std::chrono::milliseconds total;
    std::chrono::milliseconds idle;
    /// When a sign of life was last seen elsewhere (the model's stream); may be empty.
    std::function<std::chrono::steady_clock::time_point()> last_sign;
};

/// What an agent says while it works. Both may be empty.
struct listener {
    std::function<void(std::string_view)> progress; // one line: "editing src/parser.py"
    std::function<void(std::string_view)> text;     // the model's words as they come
};

/// Runs one job confined to `view` (`view.tools` must hold the installation) and reads its report. Never throws for
/// what the agent does: whatever it prints or however it ends is a report. Cancellation kills the tree, then throws.
awaitable<report> run_agent(const sandbox::ladder& confine, sandbox::view view, installation where, job what,
                            deadlines limits, listener tell);

} // namespace persais::coder
