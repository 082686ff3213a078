#pragma once
#include "llm/outcome.hpp"

namespace persais::llm {

/// How long to wait before the next try, or nothing when there shall be none: `tries` calls were made, `left` is the
/// time that the session may wait. A Retry-After is obeyed in full; one that is longer than that ends the call.
std::optional<std::chrono::milliseconds> next_wait(const call_error& last, int tries, std::chrono::milliseconds left,
                                                   const gateway_options& options);

/// The endpoint asks for a wait that is longer than what is `left`, or than `model_retry_after_most`.
bool asks_to_wait_longer(const call_error& last, std::chrono::milliseconds left);

} // namespace persais::llm
