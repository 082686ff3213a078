#include "base/turns.hpp"

#include <boost/asio/post.hpp>

namespace persais {

struct turns::line : std::enable_shared_from_this<line> {
    explicit line(asio::any_io_executor e) : executor(std::move(e)) {}

    /// A handler that is posted stands behind everything that is ready now, so one of these is one turn of the loop.
    void turn() {
        taken = true;
        asio::post(executor, [self = shared_from_this()] {
            self->taken = false;
            if (self->waiting.empty()) return;
            auto* first = self->waiting.front();
            self->waiting.pop_front();
            first->called = true;
            first->wake.cancel();
            self->turn();
        });
    }

    struct waiter {
        explicit waiter(line& l) : of(l), wake(l.executor, asio::steady_timer::time_point::max()) {
            of.waiting.push_back(this);
        }
        ~waiter() {
            if (!called) of.waiting.remove(this);
        }
        waiter(const waiter&) = delete;
        line& of;
        asio::steady_timer wake;
        bool called = false;
    };

    asio::any_io_executor executor;
    std::list<waiter*> waiting; // in next(), who came first is first
    bool taken = false;         // somebody has had this turn of the loop
};

turns::turns(asio::any_io_executor executor) : line_(std::make_shared<line>(std::move(executor))) {}
turns::~turns() = default;

awaitable<> turns::next() {
    auto all = line_; // this object may go while somebody waits
    if (!all->taken) {
        all->turn();
        co_return;
    }
    line::waiter mine(*all);
    boost::system::error_code ec;
    co_await mine.wake.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (!mine.called) throw boost::system::system_error(asio::error::operation_aborted);
}

} // namespace persais
