#include "llm/backoff.hpp"

#include "llm/limits.hpp"

#include <random>

namespace persais::llm {

namespace {

double chance() {
    std::random_device source; // it is used once for each retry, so it need not be kept
    return std::uniform_real_distribution<double>(0, 1)(source);
}

} // namespace

bool asks_to_wait_longer(const call_error& last, std::chrono::milliseconds left) {
    return last.again && last.retry_after &&
           (*last.retry_after > limits::model_retry_after_most || *last.retry_after >= left);
}

std::optional<std::chrono::milliseconds> next_wait(const call_error& last, int tries, std::chrono::milliseconds left,
                                                   const gateway_options& options) {
    if (!last.again || tries >= limits::model_tries) return std::nullopt;
    auto luck = options.luck ? options.luck() : chance();
    auto doubled = options.backoff_first * (std::int64_t{1} << std::min(tries - 1, 20));
    auto most = std::min<std::chrono::milliseconds>(options.backoff_most, doubled);
    // Half of the wait is by chance, so that tasks which failed together do not come back together.
    auto wait =
        std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(most.count()) * (0.5 + luck / 2)));
    if (asks_to_wait_longer(last, left)) return std::nullopt;
    if (last.retry_after) wait = std::max<std::chrono::milliseconds>(wait, *last.retry_after);
    return wait < left ? std::optional(wait) : std::nullopt;
}

} // namespace persais::llm
