#include "egress/read_head.hpp"

#include "egress/limits.hpp"
#include "egress/request_head.hpp"

namespace persais::egress {

awaitable<std::optional<std::string>> read_head(asio::ip::tcp::socket& from, std::string& rest) {
    for (;;) {
        if (auto end = end_of_head(rest)) {
            auto head = rest.substr(0, *end);
            rest.erase(0, *end);
            co_return head;
        }
        if (rest.size() >= limits::egress_head_bytes) co_return std::nullopt;
        char piece[4096];
        boost::system::error_code ec;
        auto got = co_await from.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
        if (ec) co_return std::nullopt;
        rest.append(piece, got);
    }
}

} // namespace persais::egress
