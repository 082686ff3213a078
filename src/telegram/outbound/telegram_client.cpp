#include "telegram/outbound/telegram_client.hpp"

#include "telegram/outbound/limits.hpp"

#include <algorithm>

namespace persais::telegram {

std::chrono::milliseconds telegram_client::free_in(std::int64_t chat) const {
    auto now = time_.steady();
    return std::chrono::ceil<std::chrono::milliseconds>(std::max(rate_limiter_.free_at(chat, now), now) - now);
}

awaitable<void> telegram_client::turn(std::int64_t chat) {
    for (;;) {
        auto now = time_.steady();
        auto at = rate_limiter_.free_at(chat, now);
        if (at <= now) break;
        co_await sleep_for(at - now);
    }
    rate_limiter_.sent(chat, turns_[chat] = time_.steady());
}

void telegram_client::pass(std::int64_t chat) {
    if (auto mine = turns_.extract(chat)) rate_limiter_.withdrawn(chat, mine.mapped());
}

awaitable<delivery> telegram_client::deliver(place to, std::string method, std::string body) {
    begin(to.chat);
    co_return judge(to, co_await bot_.call(std::move(method), std::move(body)));
}

awaitable<delivery> telegram_client::deliver(place to, std::string method, std::string body, upload file) {
    begin(to.chat);
    co_return judge(to, co_await bot_.call_with_file(std::move(method), std::move(body), std::move(file)));
}

void telegram_client::begin(std::int64_t chat) {
    turns_.erase(chat);
    ++begun_[chat];
}

std::uint64_t telegram_client::begun(std::int64_t chat) const {
    auto found = begun_.find(chat);
    return found == begun_.end() ? 0 : found->second;
}

void telegram_client::begin_anew() {
    rate_limiter_.let_go();
    failures_.clear();
}

void telegram_client::note(bool answers, const std::string& why) {
    if (answers_ == answers) return;
    answers_ = answers;
    if (told) told(answers, why);
}

delivery telegram_client::judge(const place& to, const called& c) {
    auto d = judge(to.chat, c);
    d.tried = to;
    return d;
}

delivery telegram_client::judge(std::int64_t chat, const called& c) {
    using enum delivery::kind;
    auto backoff = [&] {
        auto n = std::min(failures_[chat]++, 10);
        return std::min<std::chrono::milliseconds>(limits::telegram_retry_first * (1 << n),
                                                   limits::telegram_retry_most);
    };
    if (!c.got) {
        note(false, c.why);
        return {.how = c.may_have_happened ? in_doubt : later, .pause = backoff(), .why = c.why};
    }
    const auto& a = *c.got;
    if (a.ok) {
        note(true, {});
        failures_.erase(chat);
        return {.how = done, .message = sent_message(a)};
    }
    auto what = meaning(a);
    if (what != refusal::unwell && what != refusal::token) note(true, {});
    switch (what) {
    case refusal::not_modified:
        failures_.erase(chat);
        return {.how = done};
    case refusal::message_gone:
        return {.how = message_gone, .why = a.description};
    case refusal::topic_gone:
        failures_.erase(chat);
        return {.how = topic_gone, .why = a.description};
    case refusal::chat_gone:
        failures_.erase(chat);
        return {.how = chat_gone, .why = a.description};
    case refusal::migrated:
        if (a.migrated_to) return {.how = moved, .moved_to = *a.migrated_to};
        return {.how = chat_gone, .why = a.description};
    case refusal::flood: {
        auto pause = a.retry_after.value_or(limits::telegram_retry_after);
        rate_limiter_.hold(chat, time_.steady() + pause);
        return {.how = later, .pause = pause, .why = a.description};
    }
    case refusal::unwell:
        note(false, a.description);
        return {.how = later, .pause = backoff(), .why = a.description};
    case refusal::token: // nothing is sent until the token is changed
        note(false, a.description);
        rate_limiter_.hold_all(time_.steady() + limits::telegram_retry_most);
        return {.how = later, .pause = limits::telegram_retry_most, .why = a.description};
    case refusal::too_late:
    case refusal::conflict:
    case refusal::wrong:
        break;
    }
    return {.how = refused, .why = a.description};
}

} // namespace persais::telegram
