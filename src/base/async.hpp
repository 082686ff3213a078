#pragma once
#include "base/cancellable.hpp"
#include "base/hand_clock.hpp"

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include <boost/asio/steady_timer.hpp>

namespace persais {

/// Thrown by `with_deadline` when the time limit was reached before the operation ended.
struct deadline_passed : std::exception {
    const char* what() const noexcept override { return "the deadline passed"; }
};

/// Starts an independent coroutine with a name. An exception that leaves it is logged with the name, never lost;
/// cancellation (operation_aborted) is not an error. It ends by itself, or when it is cancelled.
cancel_handle spawn(const asio::any_io_executor& executor, std::string name, awaitable<> work);

/// A flag that coroutines of one executor can wait for. It must not be used across threads.
class event {
public:
    explicit event(const asio::any_io_executor& executor) : timer_(executor, asio::steady_timer::time_point::max()) {}
    void set() {
        set_ = true;
        timer_.cancel();
    }
    void reset() { set_ = false; }
    bool is_set() const { return set_; }
    /// Returns when set; throws operation_aborted when the waiting coroutine is cancelled.
    awaitable<> wait();

private:
    bool set_ = false;
    asio::steady_timer timer_;
};

awaitable<> sleep_for(std::chrono::nanoseconds duration);

namespace detail {

/// A coroutine that another one waits for. Both and the cancellation share it. `timer` ends the wait.
template <class T>
struct awaited {
    explicit awaited(const asio::any_io_executor& executor) : timer(executor) {}
    cancel_handle stop;
    asio::steady_timer timer;
    bool finished = false;
    std::exception_ptr error;
    std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
};

template <class T>
void start(const asio::any_io_executor& executor, const std::shared_ptr<awaited<T>>& state, awaitable<T> operation) {
    state->stop = start_cancellable(executor, std::move(operation), [state](std::exception_ptr e, auto... value) {
        state->error = std::move(e);
        if (!state->error) state->value.emplace(std::move(value)...);
        state->finished = true;
        state->timer.cancel();
    });
}

/// Waits until it has finished. Passes a cancellation of the waiting coroutine on, once.
template <class T>
awaitable<> wait_for_end(std::shared_ptr<awaited<T>> state, bool passed_on) {
    state->timer.expires_at(asio::steady_timer::time_point::max());
    while (!state->finished) {
        boost::system::error_code ec;
        co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        auto outer = co_await asio::this_coro::cancellation_state;
        if (passed_on || state->finished || outer.cancelled() == asio::cancellation_type::none) continue;
        passed_on = true;
        state->stop.cancel();
    }
}

/// Waits until `operation` has finished. True: it was cancelled because the time limit was reached.
template <class T>
awaitable<bool> run_until(std::shared_ptr<awaited<T>> state, std::chrono::nanoseconds limit, awaitable<T> operation) {
    std::optional<alarm> over(std::in_place, state->timer, limit);
    start(co_await asio::this_coro::executor, state, std::move(operation));
    boost::system::error_code ec;
    co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (state->finished) co_return false;
    over.reset();
    auto outer = co_await asio::this_coro::cancellation_state;
    bool timed_out = outer.cancelled() == asio::cancellation_type::none;
    state->stop.cancel();
    co_await wait_for_end(state, true);
    co_return timed_out;
}

} // namespace detail

/// Runs `operation` for at most `limit`. At the limit the operation is cancelled and waited for, and deadline_passed is
/// thrown; a cancellation from outside is passed on, waited for, and thrown as operation_aborted. T must be default
/// constructible (co_spawn requires it).
template <class T>
awaitable<T> with_deadline(std::chrono::nanoseconds limit, awaitable<T> operation) {
    auto state = std::make_shared<detail::awaited<T>>(co_await asio::this_coro::executor);
    bool timed_out = co_await uninterrupted(detail::run_until(state, limit, std::move(operation)));
    if (timed_out && state->error) throw deadline_passed{};
    if (state->error) std::rethrow_exception(state->error);
    if constexpr (!std::is_void_v<T>) co_return std::move(*state->value);
}

} // namespace persais
