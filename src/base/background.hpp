#pragma once
#include "base/async.hpp"

namespace persais {

/// A coroutine that runs beside its starter: joined, or stopped and waited for. Must be joined or stopped before it
/// dies: one that is forgotten is told to end, but nobody waits until it has. A cancelled coroutine cannot wait for
/// anything: it says throw_if_cancelled(false) before it stops what it started.
template <class T>
class background {
public:
    background(const asio::any_io_executor& executor, awaitable<T> work)
        : state_(std::make_shared<detail::deadline_state<T>>(executor)) {
        state_->timer.expires_at(asio::steady_timer::time_point::max());
        detail::start_under<T>(executor, std::move(work), state_);
    }
    background(background&&) = default;
    background& operator=(background&&) = delete;
    ~background() {
        if (state_ && !state_->finished) state_->stop.emit(asio::cancellation_type::terminal);
    }

    bool finished() const { return state_->finished; }

    /// Its value, or its exception. Cancelled while waiting: stops it, waits for its end, throws operation_aborted.
    awaitable<T> join() {
        auto state = state_;
        co_await settle(state);
        if (state->error) std::rethrow_exception(state->error);
        if constexpr (!std::is_void_v<T>) co_return std::move(*state->value);
    }

    /// Cancels it and waits for its end; its value or exception is dropped.
    awaitable<void> stop() {
        auto state = state_;
        state->stop.emit(asio::cancellation_type::terminal);
        co_await settle(state);
    }

private:
    static awaitable<void> settle(std::shared_ptr<detail::deadline_state<T>> state) {
        bool threw = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        bool passed_on = false;
        while (!state->finished) {
            boost::system::error_code ec;
            co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            auto outer = co_await asio::this_coro::cancellation_state;
            if (!passed_on && !state->finished && outer.cancelled() != asio::cancellation_type::none) {
                passed_on = true;
                state->stop.emit(asio::cancellation_type::terminal);
            }
        }
        co_await asio::this_coro::throw_if_cancelled(threw);
    }

    std::shared_ptr<detail::deadline_state<T>> state_;
};

} // namespace persais
