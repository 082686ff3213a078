#pragma once
#include "base/uninterrupted.hpp"

#include <type_traits>

#include <boost/asio/thread_pool.hpp>

namespace persais {

/// Runs `work`, which blocks, on a thread of its own and gives what it returns; what it throws is thrown here. It uses
/// nothing that the loop changes meanwhile. A cancellation does not cut it off: it has to end by itself, and soon.
template <class F>
awaitable<std::invoke_result_t<F>> on_a_thread(F work) {
    asio::thread_pool one(1); // a thread costs 0.1 ms, and a pool that stays would be one more thing to end
    auto run = [](F& what) -> awaitable<std::invoke_result_t<F>> { co_return what(); };
    co_return co_await uninterrupted(asio::co_spawn(one, run(work), asio::use_awaitable));
}

} // namespace persais
