#include "store/canceller.hpp"

#include "store/limits.hpp"

#include <array>

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

namespace persais::store {

canceller::~canceller() {
    if (thread_) thread_->join();
}

void canceller::send(PGcancel* request) {
    std::shared_ptr<PGcancel> owned(request, [](PGcancel* c) { PQfreeCancel(c); });
    if (!owned || waiting_ >= limits::db_cancels) return;
    if (!thread_) thread_ = std::make_unique<boost::asio::thread_pool>(1);
    ++waiting_;
    boost::asio::post(*thread_, [this, owned] {
        std::array<char, 256> trouble{};
        if (!PQcancel(owned.get(), trouble.data(), trouble.size()))
            spdlog::debug("database: a statement could not be cancelled: {}", trouble.data());
        --waiting_;
    });
}

} // namespace persais::store
