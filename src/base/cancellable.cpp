#include "base/cancellable.hpp"

#include <boost/asio/dispatch.hpp>

namespace persais::detail {

void cancellation::request() {
    if (ended_) return; // the loop may have been destroyed as well
    asio::dispatch(executor_, [self = shared_from_this()] { self->deliver(); });
}

/// The executor calls this, so that the signal is delivered before emit() returns.
void cancellation::deliver() {
    requested_ = true;
    if (begun_ && !ended_) signal_.emit(asio::cancellation_type::terminal);
}

void cancellation::begin() {
    if (requested_) throw boost::system::system_error(asio::error::operation_aborted);
    begun_ = true;
}

} // namespace persais::detail
