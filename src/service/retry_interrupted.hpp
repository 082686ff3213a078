#pragma once
#include "base/async.hpp"

#include <functional>
#include <string>

namespace persais::service {

/// What a program of ours finds out for a message: asked again when it was killed (sandbox::interrupted), a few times;
/// then the message goes without it, for a person waits for the rest of it.
awaitable<std::string> retry_interrupted(std::function<awaitable<std::string>()> ask);

} // namespace persais::service
