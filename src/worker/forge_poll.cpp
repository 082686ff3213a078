#include "worker/forge_poll.hpp"

#include "base/async.hpp"
#include "service/forge_orders.hpp"
#include "worker/limits.hpp"
#include "worker/requests_of.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::worker {

namespace {

std::string key_of(const forge::written& what) {
    return fmt::format("{} {}", forge::to_string(what.what), what.id);
}

} // namespace

queue::heard heard_from(const std::string& remote, const forge::written& what, std::string delivery) {
    return {.id = 0,
            .remote = remote,
            .kind = std::string(forge::to_string(what.what)),
            .thing = what.id,
            .number = what.number,
            .branch = what.branch,
            .said_at = what.at,
            .delivery = std::move(delivery)};
}

void forge_poll::wake() {
    if (news_) news_->set();
}

void forge_poll::heard_of(const std::string& remote) {
    all_[remote].hooked = true;
}

/// What was written before it was listened to asks for nothing.
awaitable<void> forge_poll::begin(std::string remote, one& of) {
    auto since = co_await queue::looked_until(db_, remote);
    if (!since) {
        since = fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::seconds>(with_.time.now()));
        co_await queue::keep_heard(db_, {}, remote, *since);
    }
    of.from = forge::looked{*since};
    of.stored = with_.time.now();
}

awaitable<void> forge_poll::keep(std::string remote, one& of, std::vector<forge::written> all) {
    std::vector<queue::heard> news;
    for (const auto& each : all)
        if (service::may_ask(each, with_.settings.forge_mention) && !of.known.contains(key_of(each)))
            news.push_back(heard_from(remote, each));
    const auto now = with_.time.now();
    if (news.empty() && now - of.stored < limits::forge_poll_stored) co_return;
    const int fresh = co_await queue::keep_heard(db_, std::move(news), remote, of.from->since);
    of.stored = now;
    if (of.known.size() > limits::forge_poll_remembered) of.known.clear();
    for (const auto& each : all)
        of.known.insert(key_of(each));
    if (fresh > 0) found_();
}

awaitable<void> forge_poll::look_at(std::string remote, one& of) {
    std::string trouble;
    auto pause = of.hooked ? std::chrono::milliseconds(limits::forge_poll_hooked) : with_.settings.forge_poll;
    try {
        if (!of.from) co_await begin(remote, of);
        if (!of.at) of.at = conversations_of(with_, remote);
        auto from = *of.from;
        auto found =
            of.at ? co_await with_deadline(limits::forge_poll_answer, of.at->newer(from, std::string(our_branches)))
                  : forge::outcome<std::vector<forge::written>>(std::unexpected(
                        forge::trouble{forge::trouble::kind::denied, "there is no token for its API", {}}));
        if (found) {
            of.from = std::move(from);
            co_await keep(remote, of, std::move(*found));
        } else {
            trouble = found.error().sentence;
            pause = std::max<std::chrono::milliseconds>(
                pause, found.error().retry_after.value_or(std::chrono::seconds(limits::forge_poll_away)));
        }
    } catch (const deadline_passed&) {
        trouble = "the forge did not answer in time";
    } catch (const store::db_error& e) {
        trouble = e.what();
        of.from.reset(); // what was found is found again
    }
    if (!trouble.empty()) of.at.reset(); // the token may be another one by then
    if (std::exchange(of.trouble, trouble) != trouble && !trouble.empty())
        spdlog::warn("{} is not listened to now: {}", remote, trouble);
    of.next = with_.time.steady() + pause;
}

awaitable<std::chrono::milliseconds> forge_poll::look_at_all() {
    auto wanted = all_listened(with_);
    std::erase_if(all_, [&](const auto& each) {
        return std::ranges::find(wanted, each.first, &listened::remote) == wanted.end();
    });
    std::optional<std::chrono::steady_clock::time_point> next;
    for (const auto& each : wanted) {
        auto& of = all_[each.remote];
        if (of.next <= with_.time.steady()) co_await look_at(each.remote, of);
        next = std::min(next.value_or(of.next), of.next);
    }
    if (!next) co_return std::chrono::hours(24); // until it is woken
    co_return std::chrono::ceil<std::chrono::milliseconds>(*next - with_.time.steady());
}

awaitable<void> forge_poll::run() {
    news_.emplace(co_await asio::this_coro::executor);
    for (;;) {
        news_->reset();
        auto due = co_await look_at_all();
        try {
            co_await with_deadline(std::max<std::chrono::milliseconds>(due, limits::due_least), news_->wait());
        } catch (const deadline_passed&) {
        }
    }
}

} // namespace persais::worker
