#pragma once
#include "base/hand_clock.hpp"

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace persais {

template <class T = void>
using awaitable = asio::awaitable<T>;

/// Thrown by `with_deadline` when the time was over before the operation was.
struct deadline_passed : std::exception {
    const char* what() const noexcept override { return "the deadline passed"; }
};

/// Starts a coroutine of its own under a name. An exception that leaves it is logged with the name, never lost;
/// cancellation (operation_aborted) is not an error. Ends by itself, or by `stop` when one is given.
void spawn(const asio::any_io_executor& executor, std::string name, awaitable<> work,
           asio::cancellation_slot stop = {});

/// A flag that coroutines of one executor wait for. Not for use across threads.
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

template <class T>
struct deadline_state {
    explicit deadline_state(const asio::any_io_executor& executor) : timer(executor) {}
    asio::cancellation_signal stop;
    asio::steady_timer timer;
    bool finished = false;
    std::exception_ptr error;
    std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
};

template <class T, class State>
void start_under(const asio::any_io_executor& executor, awaitable<T> operation, const std::shared_ptr<State>& state) {
    auto slot = state->stop.slot();
    if constexpr (std::is_void_v<T>) {
        asio::co_spawn(executor, std::move(operation),
                       asio::bind_cancellation_slot(slot, [state](std::exception_ptr e) {
                           state->error = std::move(e);
                           state->finished = true;
                           state->timer.cancel();
                       }));
    } else {
        asio::co_spawn(executor, std::move(operation),
                       asio::bind_cancellation_slot(slot, [state](std::exception_ptr e, T v) {
                           state->error = std::move(e);
                           if (!state->error) state->value.emplace(std::move(v));
                           state->finished = true;
                           state->timer.cancel();
                       }));
    }
}

} // namespace detail

/// Runs `operation` for at most `limit`. When the time is over the operation is cancelled, waited for, and
/// deadline_passed is thrown; a cancellation from outside is passed on, waited for, and thrown as operation_aborted.
/// T must be default constructible (a demand of co_spawn).
template <class T>
awaitable<T> with_deadline(std::chrono::nanoseconds limit, awaitable<T> operation) {
    auto executor = co_await asio::this_coro::executor;
    auto state = std::make_shared<detail::deadline_state<T>>(executor);
    // From here on a cancellation must reach the operation and be waited for, not unwind this frame.
    bool threw = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::optional<alarm> over(std::in_place, state->timer, limit);
    detail::start_under<T>(executor, std::move(operation), state);
    boost::system::error_code ec;
    if (!state->finished) co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    bool timed_out = false;
    auto outer = co_await asio::this_coro::cancellation_state;
    if (!state->finished) {
        timed_out = outer.cancelled() == asio::cancellation_type::none;
        over.reset();
        state->stop.emit(asio::cancellation_type::terminal);
        while (!state->finished) {
            state->timer.expires_at(asio::steady_timer::time_point::max());
            co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
    }
    co_await asio::this_coro::throw_if_cancelled(threw);
    if (timed_out && state->error) throw deadline_passed{};
    if (state->error) std::rethrow_exception(state->error);
    if constexpr (!std::is_void_v<T>) co_return std::move(*state->value);
}

} // namespace persais
