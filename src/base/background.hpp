#pragma once
#include "base/async.hpp"

namespace persais {

/// A coroutine that runs beside its starter: joined, or stopped and waited for. Must be joined or stopped before it
/// dies: one that is forgotten is told to end, but nobody waits until it has. A cancelled coroutine cannot wait for
/// anything: what it started is stopped within uninterrupted() or clean_up_on_exception().
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

    /// Its value, or its exception. Cancelled while waiting: stops it, waits for its end, throws operation_aborted.
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
