#include "telegram/inbound/update_source.hpp"

#include "telegram/api/methods.hpp"
#include "telegram/api/raw_json.hpp"
#include "telegram/inbound/limits.hpp"
#include "telegram/inbound/webhook.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace json = boost::json;

update_source::update_source(api& to, intake& in, const hook_secrets& secrets, update_source_dependencies dependencies)
    : api_(to), in_(in), secrets_(secrets), dependencies_(std::move(dependencies)) {}

awaitable<void> update_source::run() {
    pause_ = limits::reach_first;
    co_await introduce();
    if (dependencies_.webhook_url().empty())
        co_await poll();
    else
        co_await set_webhook();
}

void update_source::say(const std::string& trouble) {
    if (dependencies_.reached) dependencies_.reached(trouble);
    if (std::exchange(said_, trouble) == trouble) return;
    if (trouble.empty())
        spdlog::info("Telegram answers again");
    else
        spdlog::warn("Telegram: {}", trouble);
}

/// The pause before the same call is retried.
awaitable<void> update_source::pause(const called& after) {
    std::chrono::milliseconds wait = pause_;
    if (after.got && after.got->retry_after) wait = std::max<std::chrono::milliseconds>(wait, *after.got->retry_after);
    // A refusal lasts until a person does something about it.
    else if (after.got && meaning(*after.got) != refusal::unwell)
        wait = limits::reach_most;
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, limits::reach_most);
    co_await sleep_for(wait);
}

/// Retries until the call succeeds.
awaitable<answer> update_source::insist(std::string method, std::string body, std::chrono::milliseconds limit) {
    for (;;) {
        auto a = co_await api_.call(method, body, limit);
        if (a.got && a.got->ok) {
            pause_ = limits::reach_first;
            say("");
            co_return std::move(*a.got);
        }
        if (!a.got)
            say(fmt::format("{}: {}", method, a.why));
        else if (meaning(*a.got) == refusal::token)
            say("it knows no bot with this token (TELEGRAM_BOT_TOKEN)");
        else if (meaning(*a.got) == refusal::conflict)
            say(fmt::format("another program fetches this bot's messages too: {}", a.got->description));
        else
            say(fmt::format("{} was refused: {}", method, a.got->description));
        co_await pause(a);
    }
}

awaitable<void> update_source::introduce() {
    auto me = read_bot(co_await insist("getMe", "{}"));
    while (!me) {
        say("its answer to getMe names no bot (TELEGRAM_API_ROOT)");
        co_await sleep_for(limits::reach_most);
        me = read_bot(co_await insist("getMe", "{}"));
    }
    dependencies_.known(*me);
    for (auto& body : dependencies_.commands()) { // a list of commands is no reason to wait
        auto listed = co_await api_.call("setMyCommands", std::move(body));
        if (!listed.got || !listed.got->ok)
            spdlog::warn("Telegram: the list of commands is not set: {}",
                         listed.got ? listed.got->description : listed.why);
    }
}

awaitable<void> update_source::set_webhook() {
    auto url = dependencies_.webhook_url();
    co_await insist("setWebhook", json::serialize(telegram::set_webhook(url, secrets_.current())));
    spdlog::info("Telegram sends messages to {}", url);
    dependencies_.webhook_set();
}

awaitable<void> update_source::poll() {
    co_await insist("deleteWebhook", json::serialize(delete_webhook()));
    spdlog::info("messages are fetched from Telegram (TELEGRAM_WEBHOOK_URL is not set)");
    std::optional<std::int64_t> next;
    for (;;) {
        auto asked = std::chrono::steady_clock::now();
        auto a = co_await insist("getUpdates", json::serialize(get_updates(next, limits::poll_wait)),
                                 limits::poll_wait + limits::poll_slack);
        std::vector<telegram::stored_update> all;
        auto before = next;
        for (auto raw : raw_elements(a.result).value_or(std::vector<std::string_view>{})) {
            all.push_back(update_of(std::string(raw)));
            if (auto n = all.back().number; n >= 0) next = std::max(next.value_or(0), n + 1);
        }
        while (!co_await in_.take(all))
            co_await sleep_for(limits::intake_retry_after);
        // A getUpdates without updates is answered late; if it is answered at once, we do not ask in a busy loop.
        if (next == before && std::chrono::steady_clock::now() - asked < limits::reach_first)
            co_await sleep_for(limits::reach_first);
    }
}

} // namespace persais::telegram
