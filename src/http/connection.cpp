#include "http/connection.hpp"

#include "http/limits.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::http {

namespace {

bool is_abort(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted || e.code() == asio::error::broken_pipe ||
               e.code() == asio::error::connection_reset || e.code() == asio::error::bad_descriptor;
    } catch (...) {
        return false;
    }
}

std::string what(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an unknown exception";
    }
}

} // namespace

/// The handler of one request while it runs. Shared with the callbacks of the handler's end and of the watch, which may
/// both come after the connection has gone on.
struct connection::handling {
    explicit handling(const asio::any_io_executor& executor) : done(executor) {}
    asio::cancellation_signal stop;
    event done;
    bool ended = false;
    std::exception_ptr error;
};

awaitable<> connection::run() {
    auto self = shared_from_this();
    room_.resize(limits::http_read_bytes);
    socket_.non_blocking(true);
    while (keep_alive_ && socket_.is_open()) {
        auto r = co_await read_request();
        if (!r) break;
        keep_alive_ = r->keep_alive;
        head_only_ = r->method == "HEAD";
        begun_ = finished_ = false;
        co_await handle(*r);
    }
    boost::system::error_code ignored;
    socket_.shutdown(socket::shutdown_both, ignored);
    socket_.close(ignored);
}

awaitable<std::optional<request>> connection::read_request() {
    std::optional<refusal> refused = reader_.feed({}); // bytes that came with the request before
    auto until = std::chrono::steady_clock::now() + options_.idle;
    while (!refused) {
        if (auto r = reader_.take()) co_return r;
        if (reader_.wants_continue()) co_await put("HTTP/1.1 100 Continue\r\n\r\n");
        std::size_t got = 0;
        try {
            auto left = std::max(std::chrono::nanoseconds(0), until - std::chrono::steady_clock::now());
            got = co_await with_deadline(left, socket_.async_read_some(asio::buffer(room_), asio::use_awaitable));
        } catch (const deadline_passed&) {
            co_return std::nullopt;
        } catch (const boost::system::system_error&) {
            co_return std::nullopt; // the client left between requests: nobody to tell
        }
        refused = reader_.feed({room_.data(), got});
    }
    keep_alive_ = false;
    co_await send(refused->status, {{"Content-Type", "application/json"}},
                  error_json(refused->status, refused->sentence));
    // The client may still be sending: a close with unread bytes would reset the answer away before it is read.
    boost::system::error_code ec;
    socket_.shutdown(socket::shutdown_send, ec);
    for (std::size_t drained = 0; drained < limits::http_drain_bytes;) {
        try {
            drained += co_await with_deadline(limits::http_drain,
                                              socket_.async_read_some(asio::buffer(room_), asio::use_awaitable));
        } catch (const std::exception&) {
            break;
        }
    }
    co_return std::nullopt;
}

awaitable<> connection::handle(const request& r) {
    auto executor = co_await asio::this_coro::executor;
    auto mine = std::make_shared<handling>(executor);
    under_way_ = mine;
    asio::co_spawn(executor, answer_(r, *this),
                   asio::bind_cancellation_slot(mine->stop.slot(), [mine](std::exception_ptr e) {
                       mine->error = std::move(e);
                       mine->ended = true;
                       mine->done.set();
                   }));
    watch(mine);
    co_await mine->done.wait();
    under_way_.reset();
    boost::system::error_code ec;
    socket_.cancel(ec); // the watch
    if (mine->error && !is_abort(mine->error)) spdlog::error("http {} {}: {}", r.method, r.path, what(mine->error));
    if (!begun_ && socket_.is_open() && !(mine->error && is_abort(mine->error))) {
        keep_alive_ = false;
        co_await send(500, {{"Content-Type", "application/json"}},
                      error_json(500, "Something is broken here; the log has the details."));
    }
    if (mine->error || !finished_) keep_alive_ = false; // a client must see that the answer is not whole
}

void connection::watch(const std::shared_ptr<handling>& under_way) {
    socket_.async_wait(socket::wait_read, [self = shared_from_this(), under_way](boost::system::error_code ec) {
        if (ec || under_way->ended || !self->socket_.is_open()) return;
        char byte = 0;
        auto got = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        // More bytes are the next request: they wait, and a client that leaves is then seen when it is written to.
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) self->abort();
    });
}

void connection::abort() {
    keep_alive_ = false;
    auto mine = under_way_;
    boost::system::error_code ignored;
    socket_.close(ignored);
    if (!mine || mine->ended) return;
    mine->stop.emit(asio::cancellation_type::terminal);
    // From outside the loop emit() only posts, with a pointer into the signal: it must live until that has run.
    asio::post(socket_.get_executor(), [mine] {});
}

awaitable<> connection::put(std::string bytes) {
    if (!socket_.is_open()) throw boost::system::system_error(asio::error::operation_aborted);
    boost::system::error_code ec;
    auto sent = socket_.write_some(asio::buffer(bytes), ec); // mostly all of it: nothing to wait for
    if (ec && ec != asio::error::would_block && ec != asio::error::try_again) throw boost::system::system_error(ec);
    if (sent == bytes.size()) co_return;
    try {
        co_await with_deadline(limits::http_write_stall,
                               asio::async_write(socket_, asio::buffer(bytes) + sent, asio::use_awaitable));
    } catch (const deadline_passed&) {
        abort();
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

std::string connection::head(int status, const headers& fields, std::string_view framing) const {
    auto text = fmt::format("HTTP/1.1 {} {}\r\n", status, reason(status));
    for (const auto& [name, value] : fields)
        fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
    fmt::format_to(std::back_inserter(text), "{}\r\nConnection: {}\r\n\r\n", framing,
                   keep_alive_ ? "keep-alive" : "close");
    return text;
}

awaitable<> connection::send(int status, headers fields, std::string body) {
    begun_ = true;
    auto text = head(status, fields, fmt::format("Content-Length: {}", body.size()));
    if (!head_only_) text += body;
    co_await put(std::move(text));
    finished_ = true;
}

awaitable<> connection::begin(int status, headers fields) {
    begun_ = true;
    co_await put(head(status, fields, "Transfer-Encoding: chunked"));
}

awaitable<> connection::write(std::string piece) {
    if (piece.empty() || head_only_) co_return;
    co_await put(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece));
}

awaitable<> connection::finish() {
    if (!head_only_) co_await put("0\r\n\r\n");
    finished_ = true;
}

} // namespace persais::http
