#include "base/async.hpp"

#include <spdlog/spdlog.h>

namespace persais {

namespace {

void log_error(std::string_view name, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) spdlog::error("{}: {}", name, e.what());
    } catch (const std::exception& e) {
        spdlog::error("{}: {}", name, e.what());
    }
}

} // namespace

void detail::report_cleanup(const std::exception_ptr& error) {
    log_error("cleaning up after an exception", error);
}

cancel_handle spawn(const asio::any_io_executor& executor, std::string name, awaitable<> work) {
    return start_cancellable(executor, std::move(work), [name = std::move(name)](const std::exception_ptr& error) {
        if (error) log_error(name, error);
    });
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
