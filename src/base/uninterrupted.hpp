#pragma once
#include "base/awaitable.hpp"

#include <exception>
#include <type_traits>
#include <utility>

namespace persais {

namespace detail {

/// Runs `work`; meanwhile a cancellation makes this coroutine's next `co_await` throw, or does not, as `whether` says.
/// Afterwards, also after an exception, the previous setting is restored.
template <class T>
awaitable<T> throwing(bool whether, awaitable<T> work) {
    bool before = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(whether);
    std::exception_ptr error;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
            co_await asio::this_coro::throw_if_cancelled(before);
            co_return;
        } else {
            T value = co_await std::move(work);
            co_await asio::this_coro::throw_if_cancelled(before);
            co_return value;
        }
    } catch (...) {
        error = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(before);
    std::rethrow_exception(error);
}

void report_cleanup(const std::exception_ptr& error);

} // namespace detail

/// Runs `work`, which may continue to wait after a cancellation: for work that uses what this coroutine owns, or that
/// cleans up. The wait in progress when the cancellation comes ends with operation_aborted, as always; later
/// this_coro::cancellation_state reports it. It begins only in a coroutine that is not cancelled yet; else it throws
/// operation_aborted, and `work` is not started.
template <class T>
awaitable<T> uninterrupted(awaitable<T> work) {
    return detail::throwing(false, std::move(work));
}

/// The opposite, inside of uninterrupted(): a cancellation makes the next `co_await` of `work` throw.
template <class T>
awaitable<T> interruptible(awaitable<T> work) {
    return detail::throwing(true, std::move(work));
}

/// Runs `work`; when that throws, also because of a cancellation, runs `cleanup` uninterrupted and rethrows. What
/// `cleanup` throws is only logged.
template <class T>
awaitable<T> clean_up_on_exception(awaitable<T> work, awaitable<> cleanup) {
    std::exception_ptr error;
    try {
        co_return co_await std::move(work);
    } catch (...) {
        error = std::current_exception();
    }
    bool before = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    try {
        co_await std::move(cleanup);
    } catch (...) {
        detail::report_cleanup(std::current_exception());
    }
    co_await asio::this_coro::throw_if_cancelled(before);
    std::rethrow_exception(error);
}

} // namespace persais
