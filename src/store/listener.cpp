#include "store/listener.hpp"

#include "base/limits.hpp"
#include "store/address.hpp"
#include "store/connection.hpp"
#include "store/limits.hpp"
#include "store/tls.hpp"

#include <spdlog/spdlog.h>

namespace persais::store {

namespace {

using steady = std::chrono::steady_clock;

std::string listen_to(const std::vector<std::string>& channels) {
    std::string sql;
    for (const auto& channel : channels) {
        sql += "listen \"";
        for (char c : channel)
            sql += c == '"' ? std::string("\"\"") : std::string(1, c);
        sql += "\";\n";
    }
    return sql;
}

awaitable<std::unique_ptr<connection>> open_session(endpoint where, std::string sql, unsigned tries) {
    auto session = co_await connection::open(std::move(where), limits::db_statement, tries);
    if (!session->pooled()) co_await session->script(std::move(sql));
    co_return session;
}

} // namespace

struct listener::impl {
    impl(const asio::any_io_executor& e, listener_options o, listener_events v)
        : executor(e), options(std::move(o)), events(std::move(v)),
          where{parse_conninfo(options.url, options.connect), options.setting},
          suspends(options.suspends.value_or(may_suspend(options.url))), timer(e) {
        secure(where.info, options.ca_file);
    }

    static awaitable<void> run(std::shared_ptr<impl> self);
    awaitable<std::unique_ptr<connection>> connect();
    awaitable<void> hear(connection& session); // `session` lives in the caller's frame
    awaitable<void> stay_away();
    void tell_lost(bool asleep) const {
        if (state != listening::closed && events.lost) events.lost(why, asleep);
    }
    bool idle() const { return steady::now() - active >= options.idle; }
    std::chrono::nanoseconds longest_pause() const {
        return idle() ? std::chrono::nanoseconds(limits::listener_backoff_most) : limits::db_backoff_most;
    }

    asio::any_io_executor executor;
    listener_options options;
    listener_events events;
    endpoint where;
    bool suspends;
    asio::steady_timer timer;
    cancel_handle running;
    listening state = listening::off;
    steady::time_point active = steady::now();
    std::chrono::nanoseconds backoff = limits::db_backoff_least;
    unsigned tries = 0;
    std::string why; // of the newest loss
};

/// Null when connecting failed; `why` has the reason.
awaitable<std::unique_ptr<connection>> listener::impl::connect() {
    state = listening::connecting;
    try {
        co_return co_await with_deadline(options.connect, open_session(where, listen_to(options.channels), tries++));
    } catch (const db_error& e) {
        why = e.what();
    } catch (const not_sent& e) {
        why = e.what();
    } catch (const deadline_passed&) {
        why = no_answer(options.connect, where).what();
    }
    co_return nullptr;
}

awaitable<void> listener::impl::hear(connection& session) {
    state = listening::on;
    active = steady::now();
    backoff = limits::db_backoff_least;
    tries = 0;
    if (events.connected) events.connected();
    try {
        while (state != listening::closed) {
            auto told = co_await session.notified();
            active = steady::now();
            if (state != listening::closed && events.notified) events.notified(told.channel, told.payload);
        }
    } catch (const not_sent& e) {
        why = e.what();
    }
}

/// Waits for the backoff's pause, or sleeps until wake().
awaitable<void> listener::impl::stay_away() {
    boost::system::error_code ec;
    auto wait = asio::redirect_error(asio::use_awaitable, ec);
    if (state == listening::asleep) {
        tell_lost(true);
        while (state == listening::asleep) { // the handler may have called wake() already
            timer.expires_at(steady::time_point::max());
            co_await timer.async_wait(wait);
        }
        co_return;
    }
    state = listening::connecting;
    timer.expires_after(backoff);
    backoff = std::min(backoff * 2, longest_pause());
    tell_lost(false);
    if (state != listening::closed) co_await timer.async_wait(wait);
}

awaitable<void> listener::impl::run(std::shared_ptr<impl> self) {
    struct at_end { // by close(), or because of an unexpected exception
        listening& state;
        ~at_end() { state = listening::closed; }
    } closed{self->state};
    while (self->state != listening::closed) {
        auto session = co_await self->connect();
        if (session && session->pooled()) {
            self->why = "a transaction pooler answers there and would lose notifications: set DIRECT_URL";
            self->tell_lost(true);
            self->state = listening::closed;
        }
        if (self->state == listening::closed) break;
        if (session) {
            co_await self->hear(*session);
            if (self->state == listening::closed) break;
            if (self->suspends && self->idle()) self->state = listening::asleep;
        }
        session.reset();
        co_await self->stay_away();
    }
}

listener::listener(const asio::any_io_executor& executor, listener_options options, listener_events events)
    : impl_(std::make_shared<impl>(executor, std::move(options), std::move(events))) {}

listener::~listener() {
    close();
}

void listener::wake() {
    impl_->active = steady::now();
    if (impl_->state == listening::off) {
        impl_->state = listening::connecting;
        impl_->running = spawn(impl_->executor, "the listener", impl::run(impl_));
    } else if (impl_->state == listening::asleep) {
        impl_->state = listening::connecting;
        impl_->timer.cancel();
    } else if (impl_->state == listening::connecting &&
               impl_->timer.expiry() > steady::now() + limits::db_backoff_most) {
        impl_->timer.expires_after(limits::db_backoff_most); // ends the current wait
    }
}

void listener::close() {
    if (impl_->state == listening::closed) return;
    impl_->state = listening::closed;
    impl_->timer.cancel();
    impl_->running.cancel();
}

listening listener::state() const {
    return impl_->state;
}

} // namespace persais::store
