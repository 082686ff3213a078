#pragma once
#include "base/async.hpp"

#include <functional>
#include <string>

namespace persais::service {

/// Runs `ask`, which gets text for a message from another program, and repeats it a few times when that program was
/// killed (sandbox::interrupted). After that the result is empty and the message is sent without it, because a person
/// waits for the rest.
awaitable<std::string> retry_interrupted(std::function<awaitable<std::string>()> ask);

} // namespace persais::service
