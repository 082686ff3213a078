#include "telegram/inbound/update_reader.hpp"

#include "base/background.hpp"
#include "base/limits.hpp"
#include "telegram/inbound/limits.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>

#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace {

/// Updates with the same key are handled in order.
std::int64_t chat_of(const update& u) {
    struct {
        std::int64_t operator()(const message& m) const { return m.where.id; }
        std::int64_t operator()(const edited& e) const { return e.now.where.id; }
        std::int64_t operator()(const callback_query& p) const { return p.where ? p.where->id : p.from.id; }
        std::int64_t operator()(const membership& m) const { return m.where.id; }
        std::int64_t operator()(const other&) const { return 0; }
    } key;
    return std::visit(key, u.what);
}

} // namespace

struct update_reader::page {
    std::vector<std::pair<std::string, std::int64_t>> dismissed; // effect, number
    std::deque<std::vector<item>> chats;                         // each in order
    std::exception_ptr broken;
};

update_reader::update_reader(const asio::any_io_executor& executor, store::pool& db,
                             update_reader_dependencies dependencies)
    : executor_(executor), db_(db), dependencies_(std::move(dependencies)), news_(executor) {}

awaitable<void> update_reader::run() {
    std::string said;
    news_.set();
    for (;;) {
        co_await news_.wait();
        news_.reset();
        std::string trouble;
        try {
            co_await work_through();
            said.clear();
        } catch (const store::db_error& e) {
            trouble = e.what();
        }
        if (trouble.empty()) continue;
        if (std::exchange(said, trouble) != trouble) spdlog::warn("messages wait to be read: {}", trouble);
        co_await sleep_for(limits::db_backoff_most);
        news_.set();
    }
}

awaitable<void> update_reader::work_through() {
    for (std::int64_t after = std::numeric_limits<std::int64_t>::min();;) {
        auto found = co_await telegram::undone_updates(db_, after);
        if (found.empty()) co_return;
        after = found.back().number;
        page now;
        std::map<std::int64_t, std::vector<item>> by_chat;
        std::vector<std::int64_t> order;
        arrived_page all;
        for (auto& raw : found) {
            all.push_back({read_kept(raw.number, raw.body), raw.received});
            raw.body = {};
        }
        if (dependencies_.look_over) co_await dependencies_.look_over(all);
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto& one = all[i];
            const auto& raw = found[i];
            if (auto effect = dependencies_.dismiss(one)) {
                now.dismissed.emplace_back(std::move(*effect), raw.number);
                continue;
            }
            auto key = chat_of(one.what);
            if (!by_chat.contains(key)) order.push_back(key);
            by_chat[key].push_back({std::move(one), raw.number});
        }
        for (auto key : order)
            now.chats.push_back(std::move(by_chat[key]));
        co_await dismiss(now);
        co_await carry_side_by_side(now);
    }
}

awaitable<void> update_reader::carry_side_by_side(page& of) {
    co_await uninterrupted(carry_to_the_end(of));
    if (of.broken) std::rethrow_exception(of.broken);
}

/// Each coroutine is waited for, also when this one is cancelled, because they refer to `of`.
awaitable<void> update_reader::carry_to_the_end(page& of) {
    std::vector<background<void>> hands;
    // The number is taken before, because the first coroutine begins at once and removes its chat.
    auto count = std::min<std::size_t>(limits::updates_at_once, of.chats.size());
    for (std::size_t i = 0; i < count; ++i)
        hands.emplace_back(executor_, carry(of));
    for (auto& each : hands) {
        auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() == asio::cancellation_type::none)
            co_await each.join();
        else
            co_await each.stop();
    }
}

awaitable<void> update_reader::dismiss(page& of) {
    std::map<std::string, std::vector<std::int64_t>> by_effect;
    for (auto& [effect, number] : of.dismissed)
        by_effect[effect].push_back(number);
    for (auto& [effect, numbers] : by_effect) {
        auto count = numbers.size();
        co_await telegram::take_updates(db_, std::move(numbers), effect);
        for (std::size_t i = 0; dependencies_.settled && i < count; ++i)
            dependencies_.settled(effect);
    }
}

awaitable<void> update_reader::carry(page& of) {
    try {
        while (!of.chats.empty() && !of.broken) {
            auto chat = std::move(of.chats.front());
            of.chats.pop_front();
            for (const auto& each : chat)
                co_await handle(each);
        }
    } catch (...) {
        if (!of.broken) of.broken = std::current_exception();
    }
}

awaitable<void> update_reader::handle(const item& one) {
    for (int left = limits::update_tries; left > 0; --left)
        if (co_await attempt(one, left - 1)) co_return;
    co_await telegram::take_updates(db_, {one.number}, "failed");
    if (dependencies_.settled) dependencies_.settled("failed");
}

/// False: the attempt failed, for another reason than that the database is unreachable.
awaitable<bool> update_reader::attempt(const item& one, int tries_left) {
    effect what;
    bool unknown = false;
    try {
        what = co_await dependencies_.decide(one.update);
        auto all = std::move(what.writes);
        all.insert(all.begin(), telegram::take_update(one.number, what.name));
        co_await db_.transact(std::move(all));
    } catch (const store::db_error& e) {
        if (e.sqlstate == done_before) co_return true;
        if (e.unreachable()) throw;
        unknown = e.unknown_outcome();
        if (!unknown) {
            bool overtaken = e.sqlstate == decide_again || e.sqlstate == "23505"; // the turn's number is taken
            if (!overtaken) spdlog::error("update {}: {}", one.number, e.what());
            co_return false;
        }
    } catch (const boost::system::system_error&) {
        throw; // cancelled
    } catch (const std::exception& e) {
        spdlog::error("update {}: {}{}", one.number, e.what(), tries_left > 0 ? "" : "; it is left aside");
        co_return false;
    }
    if (unknown && !co_await telegram::update_is_done(db_, one.number)) co_return false;
    if (what.then) what.then();
    if (dependencies_.settled) dependencies_.settled(what.name);
    co_return true;
}

} // namespace persais::telegram
