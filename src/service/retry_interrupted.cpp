#include "service/retry_interrupted.hpp"

#include "sandbox/child.hpp"
#include "service/limits.hpp"

#include <spdlog/spdlog.h>

namespace persais::service {

awaitable<std::string> retry_interrupted(std::function<awaitable<std::string>()> ask) {
    for (int left = limits::chat_diff_tries; left > 0; --left) {
        try {
            co_return co_await ask();
        } catch (const sandbox::interrupted& e) {
            spdlog::warn("for a message: {}", e.what());
        }
    }
    co_return std::string();
}

} // namespace persais::service
