#include "app/app_tokens.hpp"

#include "app/limits.hpp"
#include "base/told.hpp"
#include "forge/clients.hpp"
#include "forge/github_app.hpp"

#include <algorithm>

namespace persais::app {

app_tokens::app_tokens(const config::settings& settings, const clock& time, forge::fetcher fetch,
                       std::function<void(const std::string&, secret)> keep,
                       std::function<void(const std::string&)> said)
    : settings_(settings), time_(time), fetch_(std::move(fetch)), keep_(std::move(keep)), said_(std::move(said)) {}

void app_tokens::say(std::string sentence) {
    if (sentence == told_) return;
    told_ = std::move(sentence);
    said_(told_);
}

awaitable<std::optional<std::chrono::nanoseconds>> app_tokens::renew() {
    const auto remote = settings_.git_remote_url;
    const forge::github_app app{settings_.github_app_id, settings_.github_app_key};
    if (app.id.empty() || app.key.empty()) co_return std::nullopt;
    auto at = forge::place_of(remote, settings_.forge);
    if (at && at->kind == forge::kind::github) at = forge::with_api(std::move(*at), settings_.github_api_url);
    if (!at || at->kind != forge::kind::github) {
        say(told<"GITHUB_APP_ID needs GIT_REMOTE_URL to be a repository at GitHub.",
                 "Для GITHUB_APP_ID нужно, чтобы GIT_REMOTE_URL был репозиторием на GitHub.">());
        co_return std::nullopt;
    }
    const auto now = time_.now();
    std::optional<result<forge::app_token, forge::no_app_token>> got;
    try {
        got = co_await with_deadline(limits::app_token_answer, forge::obtain_app_token(*at, app, now, fetch_));
    } catch (const deadline_passed&) {
        got = std::unexpected(forge::no_app_token{
            told<"GitHub takes too long to give the App a token.", "GitHub слишком долго выдаёт приложению токен.">()});
    }
    if (!*got) {
        say(got->error().sentence);
        co_return got->error().lasting ? limits::app_token_retry_lasting : limits::app_token_retry;
    }
    say({});
    auto life = (*got)->expires - now;
    keep_(remote, std::move((*got)->token));
    co_return std::max<std::chrono::nanoseconds>(life / 2, limits::app_token_retry);
}

awaitable<void> app_tokens::run(std::optional<std::chrono::nanoseconds> first) {
    news_.emplace(co_await asio::this_coro::executor);
    for (auto wanted = first;; wanted = co_await renew()) {
        news_->reset();
        try {
            if (wanted)
                co_await with_deadline(*wanted, news_->wait());
            else
                co_await news_->wait();
        } catch (const deadline_passed&) {
        }
    }
}

void app_tokens::wake() {
    if (news_) news_->set();
}

} // namespace persais::app
