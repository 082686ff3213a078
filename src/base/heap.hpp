#pragma once
#include "base/awaitable.hpp"

#include <memory>

#include <boost/asio/steady_timer.hpp>

namespace persais {

/// Has the allocator keep little of what is freed. To be called once, before there are threads: left to itself, it
/// keeps ever more after each large block, up to 64 MiB, and an arena for each thread.
void keep_heap_small();

/// Gives memory that is free back to the system after work that needed much of it. Belongs to one executor.
class spare_memory {
public:
    explicit spare_memory(const asio::any_io_executor& executor) : timer_(executor) {}
    /// In `heap_given_back_after`; to be called as often as there may be something.
    void give_back_soon();
    void cancel() { timer_.cancel(); }

private:
    asio::steady_timer timer_;
    std::shared_ptr<bool> soon_ = std::make_shared<bool>(false);
};

} // namespace persais
