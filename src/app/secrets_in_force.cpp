#include "app/secrets_in_force.hpp"

#include "service/run_time_secrets.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

namespace persais::app {

awaitable<void> secrets_in_force::read(store::pool& db) {
    auto mine = ++asked_;
    read_ = false;
    auto now = co_await service::read_run_time_secrets(db, settings_.now());
    if (mine < answered_) co_return;
    answered_ = mine;
    read_ = mine == asked_;
    auto before = std::exchange(said_, now.trouble());
    for (const auto& line : said_)
        if (std::ranges::find(before, line) == before.end()) spdlog::error("{}", line);
    settings_.set_at_run_time(std::move(now.values));
}

} // namespace persais::app
