#include "http/connection.hpp"

#include "base/told.hpp"
#include "http/client_address.hpp"
#include "http/limits.hpp"

#include <algorithm>
#include <stdexcept>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::http {

using phase = connection_table::phase;

namespace {

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

/// The handler of one request while it runs. Shared with the callbacks of the handler's end, of the watch and of the
/// time limit, which may each come after the connection has gone on.
struct connection::handling {
    explicit handling(const asio::any_io_executor& executor) : done(executor) {}
    cancel_handle stop;
    event done;
    std::optional<background<void>> patience;
    bool late = false;
    bool ended = false;
    std::exception_ptr error;
};

awaitable<> connection::run() {
    auto self = shared_from_this();
    socket_.non_blocking(true);
    while (keep_alive_ && socket_.is_open()) {
        auto r = co_await read_head();
        if (!r) break;
        keep_alive_ = r->keep_alive;
        head_only_ = r->method == "HEAD";
        body_done_ = begun_ = finished_ = false;
        if (!co_await wait_in_line(*r)) break;
        is(phase::served);
        co_await handle(std::move(*r));
        is(reader_.begun() ? phase::reading : phase::idle);
    }
    if (unread_ && socket_.is_open()) co_await drain();
    boost::system::error_code ignored;
    socket_.shutdown(socket::shutdown_both, ignored);
    socket_.close(ignored);
}

void connection::give(std::chrono::milliseconds time) {
    over_ = false;
    until_.expires_after(time);
    until_.async_wait([self = weak_from_this(), mine = ++times_](boost::system::error_code ec) {
        auto me = self.lock();
        if (ec || !me || me->times_ != mine) return;
        me->over_ = true; // it may be between two reads just now
        boost::system::error_code ignored;
        me->socket_.cancel(ignored);
    });
}

void connection::take_time_back() {
    ++times_;
    over_ = false;
    until_.cancel();
}

/// One read each time that the loop says that there is something, so that one client's megabytes hold up nobody. The
/// room is everybody's: an idle connection has none of its own.
awaitable<std::size_t> connection::read_some(std::size_t most) {
    for (;;) {
        if (over_) throw boost::system::system_error(asio::error::operation_aborted);
        // A new connection mostly comes with its request; read at once, it is not closed for the next one unheard.
        if (!std::exchange(fresh_, false)) co_await socket_.async_wait(socket::wait_read, asio::use_awaitable);
        boost::system::error_code ec;
        auto got = socket_.read_some(asio::buffer(share_.room, most), ec);
        if (!ec) co_return got;
        if (ec != asio::error::would_block && ec != asio::error::try_again) throw boost::system::system_error(ec);
    }
}

awaitable<std::optional<refusal>> connection::read_more(std::size_t most) {
    auto got = co_await read_some(most);
    co_return reader_.feed({share_.room.data(), got});
}

awaitable<std::optional<request>> connection::read_head() {
    std::optional<refusal> refused = reader_.feed({}); // bytes that came with the request before
    give(share_.options.idle);
    while (!refused) {
        if (auto r = reader_.take_head()) {
            take_time_back();
            r->client = client_of(from_, r->fields, share_.options.proxies);
            co_return r;
        }
        try {
            refused = co_await read_more(limits::http_head_read_bytes);
            is(phase::reading);
        } catch (const boost::system::system_error&) {
            co_return std::nullopt; // the client left between requests: nobody to tell
        }
    }
    take_time_back();
    co_await refuse(refused->status, std::move(refused->sentence));
    co_return std::nullopt;
}

/// Until this request's turn has come. False: it is not to be answered.
awaitable<bool> connection::wait_in_line(const request& r) {
    if (share_.options.first && share_.options.first(r)) co_return true;
    in_line_ = true;
    co_await share_.line.next();
    in_line_ = false;
    if (!socket_.is_open()) co_return false;
    if (!share_.table.all_served()) co_return true;
    co_await refuse(503, "Too many requests are under way; try again later.");
    co_return false;
}

/// Before a handler was asked.
awaitable<> connection::refuse(int status, std::string sentence) {
    keep_alive_ = false;
    body_done_ = unread_ = true;
    auto how = error_response(status, sentence);
    co_await send(how.status, std::move(how.fields), std::move(how.body));
}

/// A body whose length is announced is counted at once, another one as it comes.
std::optional<refusal> connection::hold_for_body() {
    auto size = std::max(reader_.body_size(), held_);
    if (share_.bodies_bytes + (size - held_) > share_.options.bodies_bytes)
        return refusal{503, told<"The bodies of other requests leave no room for this one; try again later.",
                                 "Из-за тел других запросов для этого нет места: повторите позже.">()};
    share_.bodies_bytes += size - held_;
    held_ = size;
    return std::nullopt;
}

awaitable<result<std::string, refusal>> connection::body(std::size_t most) {
    bool to_come = reader_.has_body(), waits = reader_.waits_for_continue();
    auto refused = reader_.want_body(most);
    // Of a length that is not announced, too: to wait for it would hold a place of a route that takes none.
    if (to_come && most == 0 && !refused)
        refused = refusal{413, told<"This takes no body.", "Тело запроса здесь не нужно.">()};
    if (to_come && !refused) refused = hold_for_body();
    if (to_come && !refused) {
        is(phase::reading);
        give(share_.options.idle);
        if (waits) co_await put("HTTP/1.1 100 Continue\r\n\r\n");
    }
    while (!refused) {
        if (auto all = reader_.take_body()) {
            body_done_ = true;
            take_time_back();
            is(phase::served);
            if (to_come) watch(under_way_);
            co_return std::move(*all);
        }
        refused = co_await read_more(limits::http_read_bytes);
        if (!refused) refused = hold_for_body();
    }
    take_time_back();
    keep_alive_ = false;
    body_done_ = unread_ = true;
    co_return std::unexpected(std::move(*refused));
}

/// The client may still be sending: a close with unread bytes would reset the answer away before it is read. Only so
/// many refused clients get this at once, because reading what nobody wants is what strangers could ask too much of.
awaitable<> connection::drain() {
    if (share_.drains >= limits::http_drains) co_return;
    struct mark {
        std::size_t& count;
        explicit mark(std::size_t& c) : count(c) { ++count; }
        ~mark() { --count; }
    } mine(share_.drains);
    is(phase::reading);
    boost::system::error_code ec;
    socket_.shutdown(socket::shutdown_send, ec);
    give(limits::http_drain);
    try {
        for (std::size_t drained = 0; drained < limits::http_drain_bytes;)
            drained += co_await read_some();
    } catch (const std::exception&) {
        co_return; // the client has closed, or takes too long
    }
}

awaitable<> connection::handle(request r) {
    struct room {
        connection& of;
        ~room() { of.share_.bodies_bytes -= std::exchange(of.held_, 0); }
    } given_back{*this}; // also when the client leaves while it is told that something is broken
    auto executor = co_await asio::this_coro::executor;
    auto mine = std::make_shared<handling>(executor);
    auto asked = r.method + " " + r.path;
    under_way_ = mine;
    if (!reader_.has_body()) watch(mine); // else `body` starts it: a watch ends with the first byte that comes
    mine->stop = start_cancellable(executor, share_.answer(std::move(r), *this), [mine](std::exception_ptr e) {
        mine->error = std::move(e);
        mine->ended = true;
        mine->done.set();
    });
    co_await mine->done.wait();
    mine->patience.reset();
    under_way_.reset();
    boost::system::error_code ec;
    socket_.cancel(ec); // the watch
    bool aborted = mine->error && client_left(mine->error);
    if (mine->error && !aborted) spdlog::error("http {}: {}", asked, what(mine->error));
    if (!begun_ && socket_.is_open() && (mine->late || !aborted)) {
        keep_alive_ = false;
        auto how = mine->late ? error_response(503, "This took too long here; try again later.")
                              : error_response(500, "Something is broken here; the log has the details.");
        co_await send(how.status, std::move(how.fields), std::move(how.body));
    }
    if (!finished_) keep_alive_ = false; // a client must see that the answer is not whole
}

void connection::begin_within(std::optional<std::chrono::milliseconds> limit) {
    auto mine = under_way_;
    mine->patience.reset();
    if (!limit || begun_) return;
    auto wait = [](std::shared_ptr<handling> on, std::chrono::milliseconds most) -> awaitable<> {
        co_await sleep_for(most);
        auto state = co_await asio::this_coro::cancellation_state;
        if (on->ended || state.cancelled() != asio::cancellation_type::none) co_return; // in time after all
        on->late = true;
        on->stop.cancel();
    };
    mine->patience.emplace(socket_.get_executor(), wait(mine, *limit));
}

bool connection::late() const {
    return under_way_ && under_way_->late;
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
    take_time_back();
    auto mine = under_way_;
    boost::system::error_code ignored;
    socket_.close(ignored);
    if (mine) mine->stop.cancel();
    if (std::exchange(in_line_, false)) run_.cancel();
}

awaitable<> connection::put(std::string bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        if (!socket_.is_open()) throw boost::system::system_error(asio::error::operation_aborted);
        boost::system::error_code ec;
        sent += socket_.write_some(asio::buffer(bytes) + sent, ec); // mostly all of it: nothing to wait for
        if (!ec) continue;
        if (ec != asio::error::would_block && ec != asio::error::try_again) throw boost::system::system_error(ec);
        try {
            co_await with_deadline(share_.options.write_stall,
                                   socket_.async_wait(socket::wait_write, asio::use_awaitable));
        } catch (const deadline_passed&) {
            abort();
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }
}

/// The head of an answer. Whether the connection goes on is told in it, so this is when a body that nobody asked for is
/// skipped, or else ends the connection.
std::string connection::start(int status, const headers& fields, std::string_view framing) {
    if (!body_done_ && !reader_.skip_body()) {
        unread_ = true;
        keep_alive_ = false;
    }
    body_done_ = true;
    auto text = fmt::format("HTTP/1.1 {} {}\r\n", status, reason(status));
    for (const auto& [name, value] : fields) {
        if ((name + value).find_first_of("\r\n") != std::string::npos)
            throw std::invalid_argument("a line break in the header " + name + " of an answer");
        fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
    }
    bool may_have_body = status != 204 && status != 304;
    if (may_have_body) fmt::format_to(std::back_inserter(text), "{}\r\n", framing);
    fmt::format_to(std::back_inserter(text), "Connection: {}\r\n\r\n", keep_alive_ ? "keep-alive" : "close");
    begun_ = true;
    if (under_way_) under_way_->patience.reset();
    return text;
}

awaitable<> connection::send(int status, headers fields, std::string body) {
    auto text = start(status, fields, fmt::format("Content-Length: {}", body.size()));
    if (!head_only_) text += body;
    co_await put(std::move(text));
    finished_ = true;
}

awaitable<> connection::begin(int status, headers fields) {
    co_await put(start(status, fields, "Transfer-Encoding: chunked"));
    if (!head_only_) co_return;
    finished_ = true;
    // Posted, because a handler that has not waited yet has no cancel_handle.
    asio::post(socket_.get_executor(), [mine = under_way_] { mine->stop.cancel(); });
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
