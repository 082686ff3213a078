#pragma once
#include "telegram/api/addressee.hpp"
#include "telegram/api/api.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/inbound/hook_secrets.hpp"
#include "telegram/inbound/intake.hpp"
#include "telegram/inbound/limits.hpp"

#include <boost/json/fwd.hpp>

namespace persais::telegram {

/// What the update source needs of others and tells them. None may throw.
struct update_source_dependencies {
    std::function<std::string()> webhook_url; // empty: long polling
    /// The lists of commands: bodies of setMyCommands.
    std::function<std::vector<std::string>()> commands;
    /// Telegram says who the bot is.
    std::function<void(const bot&)> known;
    /// From now on Telegram calls us with the current secret.
    std::function<void()> webhook_set;
    /// Telegram answered (`trouble` empty), or why it did not.
    std::function<void(const std::string& trouble)> reached;
};

/// Gets updates from Telegram: by webhook where there is an address, else by long polling. No update that waits at
/// Telegram is dropped; getUpdates returns updates again until they are stored. Retries until it succeeds.
class update_source {
public:
    /// All references outlive the update source.
    update_source(api& to, intake& in, const hook_secrets& secrets, update_source_dependencies dependencies);

    /// Runs until cancelled, or until Telegram knows the webhook. After a change of token, address or secret it is
    /// called again.
    awaitable<void> run();

private:
    awaitable<void> introduce();
    awaitable<void> set_webhook();
    awaitable<void> poll();
    awaitable<answer> insist(std::string method, std::string body,
                             std::chrono::milliseconds limit = limits::telegram_call);
    awaitable<void> pause(const called& after);
    void say(const std::string& trouble);

    api& api_;
    intake& in_;
    const hook_secrets& secrets_;
    update_source_dependencies dependencies_;
    std::chrono::milliseconds pause_ = limits::reach_first;
    std::string said_; // the trouble that was reported last
};

} // namespace persais::telegram
