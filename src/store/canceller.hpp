#pragma once
#include "store/limits.hpp"

#include <atomic>
#include <memory>

#include <boost/asio/thread_pool.hpp>
#include <libpq-fe.h>

namespace persais::store {

/// Asks servers to cancel statements that nobody waits for any more. libpq 15 can only do that blocking, so it is done
/// on a separate thread, which the first request starts. Best effort: at most limits::db_cancels requests wait, and
/// more are dropped (the server's own statement_timeout ends those statements).
class canceller {
public:
    canceller() = default;
    /// Waits for the requests in progress: milliseconds, or tcp_user_timeout when the network is dead.
    ~canceller();
    canceller(const canceller&) = delete;

    /// Takes ownership of `request`; null does nothing.
    void send(PGcancel* request);

private:
    std::unique_ptr<boost::asio::thread_pool> thread_;
    std::atomic<std::size_t> waiting_ = 0;
};

} // namespace persais::store
