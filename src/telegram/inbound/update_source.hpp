#pragma once
#include "telegram/api/addressee.hpp"
#include "telegram/api/api.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/inbound/hook_secrets.hpp"
#include "telegram/inbound/intake.hpp"
#include "telegram/inbound/limits.hpp"

#include <boost/json/fwd.hpp>

namespace persais::telegram {

/// What update source asks of others and tells them. None may throw.
struct update_source_dependencies {
    std::function<std::string()> webhook_url; // empty: long polling
    /// The list of commands: bodies of setMyCommands.
    std::function<std::vector<std::string>()> commands;
    /// Telegram says who the bot is.
    std::function<void(const bot&)> known;
    /// Telegram calls us with the current secret from now on.
    std::function<void()> webhook_set;
    /// Telegram answered; or why it did not.
    std::function<void(const std::string& trouble)> reached;
};

/// Has Telegram bring its updates: by webhook where there is an address, else by asking for them. Nothing that waits
/// there is dropped; what was fetched is given back to the next asking until it is stored. Tried again until it
/// succeeds.
class update_source {
public:
    /// All outlive us.
    update_source(api& to, intake& in, const hook_secrets& secrets, update_source_dependencies dependencies);

    /// Until cancelled, or until Telegram knows where to call. For another token, address or secret it is begun anew.
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
    std::string said_; // trouble
};

} // namespace persais::telegram
