#include "app/forge_service.hpp"

#include "app/limits.hpp"
#include "forge/limits.hpp"
#include "service/forge_orders.hpp"

#include <spdlog/spdlog.h>

namespace persais::app {

namespace {

forge_reply come_later() {
    return {503, "It cannot be stored now: send it again later."};
}

forge_reply not_signed() {
    return {401, "The signature is not the one that FORGE_WEBHOOK_SECRET gives."};
}

} // namespace

result<void, forge_reply> admit_forge_call(const config::settings& settings, const http::headers& fields) {
    if (settings.forge_webhook_secret.empty())
        return std::unexpected(forge_reply{404, "No forge is listened to here: FORGE_WEBHOOK_SECRET is not set."});
    if (!forge::has_github_signature(fields)) return std::unexpected(not_signed());
    return {};
}

forge_service::forge_service(engine& on, const config::settings& settings)
    : engine_(on), settings_(settings), intake_(on.with(), on.database().pool()),
      poll_(on.with(), on.database().pool(), [this] { intake_.wake(); }) {}

awaitable<forge_reply> forge_service::take(http::request call) {
    if (!forge::signed_by_github(settings_.forge_webhook_secret, call.body, call.fields)) co_return not_signed();
    auto said = forge::github_call(call.fields, call.body);
    if (!said || said->delivery.size() > limits::forge_delivery_bytes)
        co_return forge_reply{400, "This is no call of GitHub's webhook: its content type has to be application/json."};
    auto from = worker::listened_named(engine_.with(), forge::kind::github, said->repository);
    if (!from) co_return forge_reply{}; // a webhook of an organisation tells of repositories that nobody listens to
    poll_.heard_of(from->remote);
    std::weak_ptr<bool> here = here_;
    if (!said->what || !service::may_ask(*said->what, settings_.forge_mention)) co_return forge_reply{};
    try {
        std::vector<queue::heard> one{worker::heard_from(from->remote, *said->what, said->delivery)};
        co_await with_deadline(limits::forge_hook_commit,
                               queue::keep_heard(engine_.database().pool(), std::move(one), from->remote, ""));
    } catch (const deadline_passed&) {
        co_return come_later();
    } catch (const store::db_error& e) {
        // What the forge wrote that cannot be stored will not be another time.
        if (e.sqlstate.starts_with("22") || e.sqlstate.starts_with("23"))
            co_return forge_reply{400, "What it says cannot be stored."};
        spdlog::warn("a call of a forge is not taken now: {}", e.what());
        co_return come_later();
    }
    if (!here.expired()) intake_.wake();
    co_return forge_reply{};
}

awaitable<void> forge_service::run() {
    auto executor = co_await asio::this_coro::executor;
    background<void> looking(executor, poll_.run());
    background<void> reading(executor, intake_.run());
    event never(executor);
    try {
        co_await never.wait();
    } catch (const boost::system::system_error&) { // cancelled
    }
    co_await uninterrupted([](background<void>& one, background<void>& other) -> awaitable<void> {
        co_await one.stop();
        co_await other.stop();
    }(looking, reading));
}

} // namespace persais::app
