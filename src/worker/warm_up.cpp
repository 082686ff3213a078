#include "worker/warm_up.hpp"

#include "service/remote_tokens.hpp"
#include "worker/limits.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

awaitable<void> warm_up(dependencies with) {
    const auto& url = with.settings.git_remote_url;
    if (url.empty()) co_return;
    git::mirror mirror(with.mirrors, service::remote_at(url, with.settings, with.tokens));
    auto shown = std::chrono::steady_clock::now();
    auto fresh = co_await mirror.refresh([shown](std::string_view line) mutable {
        auto now = std::chrono::steady_clock::now();
        if (now - shown < limits::warm_up_words) return;
        shown = now;
        spdlog::info("fetching the repository: {}", line);
    });
    if (fresh)
        spdlog::info("the repository is here and fresh: {}", url);
    else
        spdlog::warn("the repository could not be fetched: {}", fresh.error().sentence);
}

} // namespace persais::worker
