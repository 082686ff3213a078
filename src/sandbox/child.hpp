#pragma once
#include "base/async.hpp"
#include "sandbox/child_spec.hpp"

#include <string>

namespace persais::sandbox {

/// What an out_of_memory means, as the end of a sentence: "used more than 2816 MiB of memory and was ended".
std::string memory_words(const child_result& result);

/// Runs a child under the keeper (found beside the executable, or PERSAIS_BIN for tests) and waits for its end.
/// At its end, at a deadline, and when this coroutine is cancelled the whole tree is killed (SIGTERM, then SIGKILL
/// after limits::terminate_to_kill) and gone before this returns; a cancellation then throws operation_aborted. When
/// this process dies, the keeper kills the tree. Never throws for what the child does.
awaitable<child_result> run_child(child_spec spec);

} // namespace persais::sandbox
