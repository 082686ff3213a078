#pragma once
#include "base/async.hpp"
#include "sandbox/child_spec.hpp"

#include <string>

namespace persais::sandbox {

/// Describes an out_of_memory as the end of a sentence: "used more than 2816 MiB of memory and was ended".
std::string memory_words(const child_result& result);

/// Describes an out_of_disk as the end of a sentence: "used more than 4 GB of disk and was ended".
std::string disk_words(const child_result& result);

/// Runs a child under the keeper (found beside the executable, or in PERSAIS_BIN for tests) and waits for its end. When
/// the child ends, at a deadline, and when this coroutine is cancelled, the whole tree is killed (SIGTERM, then SIGKILL
/// after limits::terminate_to_kill) and is gone before this returns; a cancellation then throws operation_aborted. When
/// this process dies, the keeper kills the tree. Nothing that the child does makes it throw.
awaitable<child_result> run_child(child_spec spec);

} // namespace persais::sandbox
