#include "base/text.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace json = boost::json;

namespace {

struct bot {
    subject& of;
    awaitable<result<api_answer>> call(std::string method) {
        auto root = of.settings.telegram_api_root;
        while (root.ends_with('/'))
            root.pop_back();
        auto path = around("/bot", of.settings.telegram_bot_token, fmt::format("/{}", method));
        auto answer = co_await ask(of, {.request = {.url = root, .secret_path = std::move(path)},
                                        .whose = "Telegram",
                                        .most = limits::doctor_answer_bytes});
        if (!answer) co_return fail(without(answer.error(), of.settings.telegram_bot_token));
        co_return answer;
    }
};

double seconds_ago(double unix_time) {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count() - unix_time;
}

/// The finding from the webhook's state; `says` is the sentence with the bot's name.
finding judge(const config::settings& s, const std::string& says, const json::object& info) {
    auto url = text_in(info, "url");
    auto waiting = number_in(info, "pending_update_count").value_or(0);
    auto failed_at = number_in(info, "last_error_date");
    auto error = without(text::printable(text_in(info, "last_error_message")), s.telegram_bot_token);
    json::object facts{{"webhook", !url.empty()}, {"pending", static_cast<std::int64_t>(waiting)}};
    if (failed_at) facts["last_error"] = error;
    auto more = waiting > 0 ? fmt::format("{}; {:.0f} message{} wait{} to be fetched", says, waiting,
                                          waiting == 1 ? "" : "s", waiting == 1 ? "s" : "")
                            : says;
    auto hour = std::chrono::duration<double>(limits::doctor_error_recent).count();
    if (!s.telegram_webhook_url.empty() && url == s.telegram_webhook_url && failed_at && seconds_ago(*failed_at) < hour)
        return warn(
            "telegram",
            fmt::format("{}; Telegram could not deliver {:.0f} s ago: {}.", more, seconds_ago(*failed_at), error),
            "Look whether TELEGRAM_WEBHOOK_URL leads to this service from outside.", std::move(facts));
    if (s.telegram_webhook_url.empty() && !url.empty())
        return warn(
            "telegram", fmt::format("{}; another program has set a webhook for this bot.", more),
            "A bot serves one program: make a new one with @BotFather, or set TELEGRAM_WEBHOOK_URL to that address if "
            "it is yours.",
            std::move(facts));
    if (!url.empty() && url != s.telegram_webhook_url)
        return warn("telegram", fmt::format("{}; its webhook leads to another address now.", more),
                    "A bot serves one program: make a new one with @BotFather, or correct TELEGRAM_WEBHOOK_URL.",
                    std::move(facts));
    return ok("telegram", more + ".", std::move(facts));
}

} // namespace

awaitable<finding> probe_telegram(subject& of) {
    const auto& s = of.settings;
    if (s.telegram_bot_token.empty()) co_return skipped("telegram", "TELEGRAM_BOT_TOKEN is not set: no chat.");
    if (of.offline) co_return skipped("telegram", "Not asked: offline.");
    bot self{of};
    auto me = co_await self.call("getMe");
    if (!me)
        co_return failed("telegram", fmt::format("Telegram is not reached: {}", me.error()),
                         "Look at this machine's way to the network, or name a Bot API server in TELEGRAM_API_ROOT.");
    const auto* body = me->object();
    const auto* who = body ? object_in(*body, "result") : nullptr;
    if (me->status == 401 || me->status == 404)
        co_return failed("telegram", "Telegram knows no bot with this token.",
                         "Copy TELEGRAM_BOT_TOKEN anew from @BotFather (/mybots, API Token).");
    if (me->status != 200 || !who)
        co_return failed("telegram", fmt::format("Telegram's answer to getMe has status {}.", me->status),
                         "Try again; look at TELEGRAM_API_ROOT if it stays.");
    auto says = fmt::format("The token is @{}'s", text::printable(text_in(*who, "username")));
    if (s.telegram_admin_ids.empty()) says += ", and TELEGRAM_ADMIN_IDS names nobody yet";
    auto hook = co_await self.call("getWebhookInfo");
    const auto* top = hook && hook->status == 200 ? hook->object() : nullptr;
    const auto* info = top ? object_in(*top, "result") : nullptr;
    if (!info) co_return ok("telegram", says + ".");
    co_return judge(s, says, *info);
}

} // namespace persais::doctor
