#include "app/own_tokens.hpp"

#include "app/app_tokens.hpp"
#include "app/limits.hpp"
#include "http/client.hpp"
#include "service/known_repositories.hpp"

namespace persais::app {

awaitable<service::remote_tokens> own_tokens(store::pool& db, const config::settings& settings, const clock& time,
                                             std::function<void(const std::string&)> trouble) {
    service::remote_tokens tokens;
    co_await service::known_repositories(db, settings, tokens, {}).refresh();
    http::client web(co_await asio::this_coro::executor);
    app_tokens of_app(
        settings, time, [&](http::fetch_spec ask) { return web.fetch(std::move(ask), limits::app_token_bytes); },
        [&](const std::string& remote, secret token) { tokens.lend(remote, std::move(token)); },
        [&](const std::string& why) {
            if (!why.empty()) trouble(why);
        });
    co_await of_app.renew();
    co_return tokens;
}

} // namespace persais::app
