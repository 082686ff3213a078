#pragma once
#include "base/uninterrupted.hpp"

#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace persais {

namespace detail {

/// The state that a coroutine shares with its cancel_handle and with each cancellation in flight. A cancellation that
/// is requested outside a handler of the executor arrives later, when the coroutine may have ended; Boost would then
/// follow a pointer into a signal that no longer exists.
class cancellation : public std::enable_shared_from_this<cancellation> {
public:
    explicit cancellation(asio::any_io_executor executor) : executor_(std::move(executor)) {}
    cancellation(const cancellation&) = delete;

    asio::cancellation_slot slot() { return signal_.slot(); }
    void request();
    /// The first step of the coroutine. Throws operation_aborted when it was cancelled before.
    void begin();
    void end() { ended_ = true; }
    bool ended() const { return ended_; }

private:
    void deliver();

    asio::any_io_executor executor_;
    asio::cancellation_signal signal_;
    bool begun_ = false;
    bool requested_ = false;
    bool ended_ = false;
};

/// This belongs to co_spawn's handler, which is destroyed with the coroutine even where the loop never runs again.
class end_of_coroutine {
public:
    explicit end_of_coroutine(std::shared_ptr<cancellation> of) : of_(std::move(of)) {}
    end_of_coroutine(end_of_coroutine&&) = default;
    ~end_of_coroutine() { reached(); }
    void reached() {
        if (of_) of_->end();
    }

private:
    std::shared_ptr<cancellation> of_;
};

template <class T>
awaitable<T> under(std::shared_ptr<cancellation> shared, awaitable<T> work) {
    shared->begin();
    // The last step of co_spawn may be one more wait. If that were cancelled, it would throw out of the loop.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_return co_await throwing(true, std::move(work));
}

} // namespace detail

/// Cancels what start_cancellable() or spawn() started. Copies cancel the same coroutine; a default-constructed handle
/// cancels nothing. It may outlive both the coroutine and its loop, and its destructor cancels nothing. It may be used
/// only on the executor's thread.
class cancel_handle {
public:
    cancel_handle() = default;
    explicit cancel_handle(std::shared_ptr<detail::cancellation> of) : of_(std::move(of)) {}

    /// Ends the coroutine's current wait with operation_aborted: at once when called in a handler of the executor, else
    /// in the order of what is posted there. Does nothing when the coroutine has ended meanwhile.
    void cancel() const {
        if (of_) of_->request();
    }
    /// Whether the coroutine has ended; also true without a coroutine.
    bool ended() const { return !of_ || of_->ended(); }

private:
    std::shared_ptr<detail::cancellation> of_;
};

/// Starts a coroutine that may be cancelled at any time, also before its first step. `done` is called as co_spawn calls
/// its handler: once, on the executor, never from inside this call, with the exception (null: none) and, unless T is
/// void, with the value. It is not called when the loop is destroyed first. T must be default constructible (co_spawn
/// requires it).
template <class T, class Done>
cancel_handle start_cancellable(const asio::any_io_executor& executor, awaitable<T> work, Done done) {
    auto shared = std::make_shared<detail::cancellation>(executor);
    auto ended = [end = detail::end_of_coroutine(shared), done = std::move(done)](std::exception_ptr error,
                                                                                  auto... value) mutable {
        end.reached();
        done(std::move(error), std::move(value)...);
    };
    asio::co_spawn(executor, detail::under<T>(shared, std::move(work)),
                   asio::bind_cancellation_slot(shared->slot(), std::move(ended)));
    return cancel_handle(shared);
}

} // namespace persais
