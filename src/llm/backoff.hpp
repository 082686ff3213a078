#pragma once
#include "llm/outcome.hpp"

namespace persais::llm {

/// How long to wait before the next try, or nothing when there shall be none: `tries` calls were made, `left` is the
/// time until the session's deadline. A Retry-After is obeyed in full; one over `model_retry_after_most` ends the call.
std::optional<std::chrono::milliseconds> next_wait(const call_error& last, int tries, std::chrono::milliseconds left,
                                                   const gateway_options& options);

} // namespace persais::llm
