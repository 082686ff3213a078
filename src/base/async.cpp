#include "base/async.hpp"

#include <spdlog/spdlog.h>

namespace persais {

void spawn(const asio::any_io_executor& executor, std::string name, awaitable<> work, asio::cancellation_slot stop) {
    auto done = [name = std::move(name)](const std::exception_ptr& error) {
        if (!error) return;
        try {
            std::rethrow_exception(error);
        } catch (const boost::system::system_error& e) {
            if (e.code() != asio::error::operation_aborted) spdlog::error("{}: {}", name, e.what());
        } catch (const std::exception& e) {
            spdlog::error("{}: {}", name, e.what());
        }
    };
    asio::co_spawn(executor, std::move(work), asio::bind_cancellation_slot(stop, std::move(done)));
}

awaitable<> event::wait() {
    while (!set_) {
        boost::system::error_code ec;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }
}

awaitable<> sleep_for(std::chrono::nanoseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    alarm over(timer, duration);
    boost::system::error_code ec;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (ec && !over.rang()) throw boost::system::system_error(ec);
}

} // namespace persais
