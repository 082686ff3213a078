#include "base/text.hpp"
#include "base/told.hpp"
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
    auto more = waiting > 0 ? told<"{0}; {1} {1:message waits|messages wait} to be fetched",
                                   "{0}; {1:ждёт|ждут|ждут} {1} {1:сообщение|сообщения|сообщений}">(
                                  says, number{static_cast<std::int64_t>(waiting)})
                            : says;
    auto hour = std::chrono::duration<double>(limits::doctor_error_recent).count();
    if (!s.telegram_webhook_url.empty() && url == s.telegram_webhook_url && failed_at && seconds_ago(*failed_at) < hour)
        return warn("telegram",
                    told<"{}; Telegram could not deliver {:.0f} s ago: {}.",
                         "{}; {:.0f} с назад Telegram не смог доставить: {}.">(more, seconds_ago(*failed_at), error),
                    told<"Look whether TELEGRAM_WEBHOOK_URL leads to this service from outside.",
                         "Посмотрите, ведёт ли TELEGRAM_WEBHOOK_URL к этому сервису снаружи.">(),
                    std::move(facts));
    if (s.telegram_webhook_url.empty() && !url.empty())
        return warn("telegram",
                    told<"{}; another program has set a webhook for this bot.",
                         "{}; вебхук этого бота поставила другая программа.">(more),
                    told<"A bot serves one program: make a new one with @BotFather, or set TELEGRAM_WEBHOOK_URL to "
                         "that address if "
                         "it is yours.",
                         "Бот служит одной программе: создайте нового у @BotFather или задайте TELEGRAM_WEBHOOK_URL с "
                         "тем адресом, если он ваш.">(),
                    std::move(facts));
    if (!url.empty() && url != s.telegram_webhook_url)
        return warn(
            "telegram",
            told<"{}; its webhook leads to another address now.", "{}; его вебхук сейчас ведёт на другой адрес.">(more),
            told<"A bot serves one program: make a new one with @BotFather, or correct TELEGRAM_WEBHOOK_URL.",
                 "Бот служит одной программе: создайте нового у @BotFather или исправьте TELEGRAM_WEBHOOK_URL.">(),
            std::move(facts));
    return ok("telegram", more + ".", std::move(facts));
}

} // namespace

awaitable<finding> probe_telegram(subject& of) {
    const auto& s = of.settings;
    if (s.telegram_bot_token.empty())
        co_return skipped(
            "telegram",
            told<"TELEGRAM_BOT_TOKEN is not set: no chat.", "TELEGRAM_BOT_TOKEN не задан: чата не будет.">());
    if (of.offline) co_return skipped("telegram", "Not asked: offline.");
    bot self{of};
    auto me = co_await self.call("getMe");
    if (!me)
        co_return failed(
            "telegram", told<"Telegram is not reached: {}", "Связаться с Telegram не удалось: {}">(me.error()),
            told<"Look at this machine's way to the network, or name a Bot API server in TELEGRAM_API_ROOT.",
                 "Посмотрите на выход этой машины в сеть или укажите сервер Bot API в TELEGRAM_API_ROOT.">());
    const auto* body = me->object();
    const auto* who = body ? object_in(*body, "result") : nullptr;
    if (me->status == 401 || me->status == 404)
        co_return failed("telegram",
                         told<"Telegram knows no bot with this token.", "Telegram не знает бота с таким токеном.">(),
                         told<"Copy TELEGRAM_BOT_TOKEN anew from @BotFather (/mybots, API Token).",
                              "Скопируйте TELEGRAM_BOT_TOKEN заново у @BotFather (/mybots, API Token).">());
    if (me->status != 200 || !who)
        co_return failed(
            "telegram",
            told<"Telegram's answer to getMe has status {}.", "Telegram ответил на getMe статусом {}.">(me->status),
            told<"Try again; look at TELEGRAM_API_ROOT if it stays.",
                 "Попробуйте ещё раз; если не пройдёт, посмотрите на TELEGRAM_API_ROOT.">());
    auto says = told<"The token is @{}'s", "Токен принадлежит @{}">(text::printable(text_in(*who, "username")));
    if (s.telegram_admin_ids.empty())
        says = told<"{}, and TELEGRAM_ADMIN_IDS names nobody yet", "{}, а TELEGRAM_ADMIN_IDS пока никого не называет">(
            says);
    auto hook = co_await self.call("getWebhookInfo");
    const auto* top = hook && hook->status == 200 ? hook->object() : nullptr;
    const auto* info = top ? object_in(*top, "result") : nullptr;
    if (!info) co_return ok("telegram", says + ".");
    co_return judge(s, says, *info);
}

} // namespace persais::doctor
