#pragma once
#include "base/async.hpp"

#include <list>

namespace persais {

/// Lets one of those who wait go on in each turn of the event loop, in their order. However much they have to do in
/// all, what else is ready (a timer, a lease that is renewed, a health check) goes on between every two of them.
/// Belongs to one executor.
class turns {
public:
    explicit turns(asio::any_io_executor executor);
    ~turns();
    turns(const turns&) = delete;

    /// Returns when it is the caller's turn: at once when nobody waits. Throws operation_aborted when cancelled.
    awaitable<> next();

private:
    struct line;
    std::shared_ptr<line> line_;
};

} // namespace persais
