#include "store/connections.hpp"

#include "base/limits.hpp"
#include "store/address.hpp"
#include "store/limits.hpp"
#include "store/tls.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::store {

namespace {

/// Between half of `most` and all of it, so that many clients of a server that comes back do not connect at the same
/// moment.
std::chrono::nanoseconds jittered(std::chrono::nanoseconds most) {
    std::random_device random;
    return most / 2 + most * (random() % 1024) / 2048;
}

/// How long to wait after a failure; the next one waits for longer.
std::chrono::nanoseconds next_pause(std::chrono::nanoseconds& backoff) {
    auto pause = jittered(backoff);
    backoff = std::min<std::chrono::nanoseconds>(backoff * 2, limits::db_backoff_most);
    return pause;
}

} // namespace

/// A request that waits for a connection. It lives in the frame of take().
struct connections::waiter {
    waiter(connections& of, const asio::any_io_executor& executor, urgency what)
        : all(of), how(what), may_have_more(what == urgency::at_once), wake(executor) {
        auto before = std::ranges::find_if(all.waiting_, [&](const waiter* w) { return how > w->how; });
        all.waiting_.insert(before, this);
    }
    ~waiter() {
        all.waiting_.remove(this);
        if (got) all.give(std::move(got)); // the connection came while the request was being cancelled
    }
    waiter(const waiter&) = delete;

    connections& all;
    const urgency how;
    bool may_have_more; // until the server refuses that for good
    asio::steady_timer wake;
    std::unique_ptr<connection> got;
    std::exception_ptr error;
};

connections::lease::lease(std::shared_ptr<connections> from, std::unique_ptr<connection> what)
    : from_(std::move(from)), what_(std::move(what)) {
    from_->lent_.insert(what_.get());
}

connections::lease::~lease() {
    if (!what_) return;
    from_->lent_.erase(what_.get());
    if (what_->statement_under_way()) from_->canceller_.send(what_->canceller());
    from_->give(std::move(what_));
}

connections::connections(const asio::any_io_executor& executor, pool_options options)
    : executor_(executor), options_(std::move(options)),
      where_{parse_conninfo(options_.url, options_.connect), options_.setting} {
    secure(where_.info, options_.ca_file);
    named = !names_a_pooler(where_.info);
    seen_.size = options_.size;
}

awaitable<connections::lease> connections::take(std::chrono::steady_clock::time_point give_up, urgency how) {
    if (closed_) throw db_error("08003", "the pool is closed");
    while (!idle_.empty()) {
        auto c = std::move(idle_.back());
        idle_.pop_back();
        c->unwatch();
        if (c->reusable()) co_return lease(shared_from_this(), std::move(c));
        --open_;
    }
    if (waiting_.size() >= limits::db_waiters && how == urgency::none)
        throw db_error("08006", fmt::format("{} statements wait for the database already", waiting_.size()));
    waiter w(*this, executor_, how);
    connect_more();
    boost::system::error_code ec;
    if (!w.got && !w.error) {
        w.wake.expires_at(give_up);
        co_await w.wake.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (w.error) std::rethrow_exception(w.error);
    if (!w.got) throw db_error("08006", why_none());
    co_return lease(shared_from_this(), std::move(w.got));
}

std::string connections::why_none() const {
    if (seen_.up == false) return seen_.last_error;
    if (open_ == 0) return no_answer(options_.absent, where_).what();
    return fmt::format("all {} connections to the database were busy for {:.3g} s", open_,
                       std::chrono::duration<double>(options_.absent).count());
}

bool connections::more_allowed() const {
    return !waiting_.empty() && waiting_.front()->how == urgency::at_once;
}

std::size_t connections::most() const {
    auto tries = [](const waiter* w) { return w->may_have_more; };
    return size() + (more_pause_.ended() && std::ranges::any_of(waiting_, tries) ? 1 : 0);
}

void connections::give(std::unique_ptr<connection> c) {
    if (closed_ || c->era != era_ || !c->reusable() || open_ > size() + (more_allowed() ? 1 : 0)) {
        c.reset();
        --open_;
        connect_more();
        return;
    }
    if (waiting_.empty()) {
        keep_idle(std::move(c));
        return;
    }
    auto* first = waiting_.front();
    waiting_.pop_front();
    first->got = std::move(c);
    first->wake.cancel();
}

void connections::keep_idle(std::unique_ptr<connection> c) {
    c->watch([self = weak_from_this(), which = c.get()] {
        if (auto all = self.lock()) all->lost_idle(which);
    });
    idle_.push_back(std::move(c));
}

void connections::lost_idle(const connection* c) {
    auto found = std::ranges::find_if(idle_, [c](const auto& held) { return held.get() == c; });
    if (found == idle_.end()) return;
    auto why = "the server closed an idle connection" + (c->farewell().empty() ? "" : ": " + c->farewell());
    idle_.erase(found);
    --open_;
    spdlog::debug("database: {}", why);
    if (on_change) on_change(db_change::idle_closed, why);
}

void connections::answered(const connection& on) {
    seen_.last_success = on.last_used();
    seen_.round_trip = on.round_trip();
    if (on_answer) on_answer();
}

void connections::connect_more() {
    auto wanted = [this] {
        return !closed_ && connecting_.size() < (seen_.up == false ? 1 : waiting_.size()) && !waiting_.empty() &&
               open_ + connecting_.size() < most();
    };
    while (wanted()) {
        auto self = shared_from_this();
        auto place = connecting_.emplace(connecting_.end());
        *place = start_cancellable(executor_, connect_one(self), [self, place](const std::exception_ptr&) {
            self->connecting_.erase(place);
            self->connect_more();
        });
    }
}

awaitable<void> connections::connect_one(std::shared_ptr<connections> self) {
    while (!closed_ && !waiting_.empty() && open_ < most()) {
        auto era = era_; // renew() cancels this coroutine, but perhaps too late
        try {
            auto c = co_await with_deadline(
                options_.connect,
                connection::open(where_, options_.statement + std::chrono::milliseconds(1000), tries_));
            if (era != era_) co_return;
            c->era = era;
            connected(std::move(c));
            co_return;
        } catch (const connect_error& e) {
            if (era != era_) co_return;
            if (open_ >= size()) co_return more_refused(e.what(), e.hopeless());
            failed(e.what());
            if (e.hopeless()) fail_waiters(std::make_exception_ptr(db_error(e)));
        } catch (const deadline_passed&) {
            if (era != era_) co_return;
            std::string why = no_answer(options_.connect, where_).what();
            if (open_ >= size()) co_return more_refused(why, false);
            failed(why);
        }
        if (connecting_.size() > 1) co_return; // one coroutine is enough to keep trying
        co_await sleep_for(next_pause(backoff_));
    }
}

void connections::connected(std::unique_ptr<connection> c) {
    ++open_;
    tries_ = 0;
    backoff_ = limits::db_backoff_least;
    if (open_ > size()) more_backoff_ = limits::db_backoff_least;
    if (c->pooled()) named = false;
    seen_.encrypted = c->encrypted();
    seen_.verified = c->encrypted() && where_.info.words["sslmode"] == "verify-full";
    answered(*c);
    bool news = !only_reads_ && seen_.up != true;
    if (!only_reads_) seen_.up = true;
    give(std::move(c));
    if (news && on_change) on_change(db_change::up, "the database answers");
}

void connections::failed(const std::string& why) {
    ++tries_;
    bool news = seen_.up != false || seen_.last_error != why;
    seen_.up = false;
    seen_.last_error = why;
    if (!news) return;
    spdlog::debug("database: connecting failed: {}", why);
    if (on_change) on_change(db_change::down, why);
}

void connections::more_refused(const std::string& why, bool hopeless) {
    spdlog::debug("database: one connection more than {}: {}", size(), why);
    if (hopeless)
        for (auto* w : waiting_)
            w->may_have_more = false;
    if (!more_pause_.ended()) return;
    auto again = [self = shared_from_this()](const std::exception_ptr&) { self->connect_more(); };
    more_pause_ = start_cancellable(executor_, sleep_for(next_pause(more_backoff_)), again);
}

void connections::only_reads() {
    if (std::exchange(only_reads_, true)) return;
    seen_.up = false;
    seen_.last_error = store::only_reads(where_).what();
    if (on_change) on_change(db_change::down, seen_.last_error);
}

void connections::writes_again() {
    if (!std::exchange(only_reads_, false)) return;
    seen_.up = true;
    if (on_change) on_change(db_change::up, "the database can be written again");
}

pool_status connections::status() const {
    auto now = seen_;
    now.open = static_cast<int>(open_);
    now.busy = static_cast<int>(lent_.size());
    now.waiting = static_cast<int>(waiting_.size());
    now.pooled = !named;
    return now;
}

void connections::fail_waiters(const std::exception_ptr& why) {
    for (auto* w : std::exchange(waiting_, {})) {
        w->error = why;
        w->wake.cancel();
    }
}

void connections::renew(const secret& url) {
    if (closed_ || url == options_.url) return;
    endpoint to{parse_conninfo(url, options_.connect), options_.setting}; // throws before anything is changed
    secure(to.info, options_.ca_file);
    where_ = std::move(to);
    options_.url = url;
    named = !names_a_pooler(where_.info);
    only_reads_ = false;
    ++era_;
    tries_ = 0;
    backoff_ = more_backoff_ = limits::db_backoff_least;
    more_pause_.cancel();
    for (auto* w : waiting_)
        w->may_have_more = w->how == urgency::at_once;
    open_ -= idle_.size();
    idle_.clear();
    for (const auto& each : connecting_) // when each has ended, the waiting requests connect anew
        each.cancel();
}

void connections::close() {
    if (std::exchange(closed_, true)) return;
    fail_waiters(std::make_exception_ptr(db_error("08003", "the pool is closed")));
    idle_.clear();
    more_pause_.cancel();
    for (auto* c : lent_)
        c->cut();
    for (const auto& each : connecting_)
        each.cancel();
}

} // namespace persais::store
