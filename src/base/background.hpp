#pragma once
#include "base/async.hpp"

namespace persais {

/// A coroutine that runs concurrently with its starter, which must join it or stop it before this object is destroyed:
/// the destructor requests the cancellation, but nothing waits for the end. A cancelled coroutine cannot wait for
/// anything, so stop what it started within uninterrupted() or clean_up_on_exception().
template <class T>
class background {
public:
    background(const asio::any_io_executor& executor, awaitable<T> work)
        : state_(std::make_shared<detail::awaited<T>>(executor)) {
        detail::start(executor, state_, std::move(work));
    }
    background(background&&) = default;
    background& operator=(background&&) = delete;
    ~background() {
        if (state_) state_->stop.cancel();
    }

    bool finished() const { return state_->finished; }

    /// Returns its value, or throws its exception. When cancelled while waiting, stops it, waits for its end, and
    /// throws operation_aborted.
    awaitable<T> join() {
        auto state = state_;
        co_await uninterrupted(detail::wait_for_end(state, false));
        if (state->error) std::rethrow_exception(state->error);
        if constexpr (!std::is_void_v<T>) co_return std::move(*state->value);
    }

    /// Cancels it and waits for its end; its value or exception is dropped.
    awaitable<void> stop() {
        auto state = state_;
        state->stop.cancel();
        co_await uninterrupted(detail::wait_for_end(state, false));
    }

private:
    std::shared_ptr<detail::awaited<T>> state_;
};

} // namespace persais
