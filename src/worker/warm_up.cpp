#include "worker/warm_up.hpp"

#include "service/remote_tokens.hpp"
#include "worker/limits.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

awaitable<void> warm_up(dependencies with) {
    const auto& url = with.settings.git_remote_url;
    if (url.empty()) co_return;
    git::mirror mirror(with.mirrors, service::remote_at(url, with.settings, with.tokens));
    auto tell = [shown = std::chrono::steady_clock::now()](std::string_view line) mutable {
        auto now = std::chrono::steady_clock::now();
        if (now - shown < limits::warm_up_words) return;
        shown = now;
        spdlog::info("fetching the repository: {}", line);
    };
    const auto& branch = with.settings.git_base_branch;
    auto fresh = co_await mirror.refresh(tell, branch.empty() ? std::optional<std::string>() : branch);
    if (!fresh) {
        spdlog::warn("the repository could not be fetched: {}", fresh.error().sentence);
        co_return;
    }
    if (!mirror.is_partial()) {
        spdlog::info("the repository is here and fresh: {}", url);
        co_return;
    }
    spdlog::info("the newest commits of the repository are here, so that work can begin; the rest follows: {}", url);
    if (auto whole = co_await mirror.complete(tell); !whole)
        spdlog::warn("the rest of the repository is fetched later: {}", whole.error().sentence);
    else if (*whole)
        spdlog::info("the rest of the repository is here: {}", url);
}

} // namespace persais::worker
