#pragma once
#include "base/background.hpp"
#include "base/turns.hpp"
#include "http/connection_table.hpp"
#include "http/handler.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

namespace persais::http {

/// What the connections of one server share; it outlives them.
struct connection_share {
    connection_share(const asio::any_io_executor& executor, handler a, server_options o)
        : answer(std::move(a)), options(std::move(o)),
          table({options.connections, options.client_connections, limits::http_spare_connections}), line(executor),
          room(limits::http_read_bytes, '\0') {}

    handler answer;
    server_options options;
    connection_table table;
    turns line;       // of requests whose heads are here
    std::string room; // for one read, of whoever has something to read
    std::size_t bodies_bytes = 0;
    std::size_t drains = 0;
};

/// One client's connection: reads requests, runs the handler for each, watches that the client is still there.
/// `run` keeps it alive; `abort` ends it from outside.
class connection final : public pending_request, public std::enable_shared_from_this<connection> {
public:
    using socket = asio::generic::stream_protocol::socket;
    connection(socket peer, std::optional<asio::ip::address> from, connection_table::number number,
               connection_share& share)
        : socket_(std::move(peer)), from_(std::move(from)), number_(number), share_(share),
          reader_(share.options.header_bytes), until_(socket_.get_executor()) {}

    /// Once. `abort` cancels it by this handle.
    awaitable<> run();
    void started(cancel_handle run) { run_ = std::move(run); }
    connection_table::number number() const { return number_; }

    awaitable<> send(int status, headers fields, std::string body) override;
    awaitable<> begin(int status, headers fields) override;
    awaitable<> write(std::string piece) override;
    awaitable<> finish() override;
    bool begun() const override { return begun_; }
    void abort() override;
    awaitable<result<std::string, refusal>> body(std::size_t most) override;
    void begin_within(std::optional<std::chrono::milliseconds> limit) override;
    bool late() const override;

private:
    struct handling;
    awaitable<std::optional<request>> read_head();
    awaitable<bool> wait_in_line(const request& r);
    awaitable<> handle(request r);
    /// At most so much of what came; throws system_error at the end of the time that `give` has set.
    awaitable<std::size_t> read_some(std::size_t most = limits::http_read_bytes);
    awaitable<std::optional<refusal>> read_more(std::size_t most);
    std::optional<refusal> hold_for_body();
    void give(std::chrono::milliseconds time);
    void take_time_back();
    void is(connection_table::phase now) { share_.table.now(number_, now); }
    awaitable<> refuse(int status, std::string sentence);
    awaitable<> drain();
    void watch(const std::shared_ptr<handling>& under_way);
    awaitable<> put(std::string bytes);
    std::string start(int status, const headers& fields, std::string_view framing);

    socket socket_;
    std::optional<asio::ip::address> from_;
    connection_table::number number_;
    connection_share& share_;
    request_reader reader_;
    asio::steady_timer until_;
    std::uint64_t times_ = 0; // that were given; an earlier one's end means nothing
    bool over_ = false;       // the last one
    bool fresh_ = true;       // nothing was read yet
    cancel_handle run_;
    std::shared_ptr<handling> under_way_;
    std::size_t held_ = 0; // of server_options::bodies_bytes
    bool in_line_ = false;
    bool body_done_ = false; // the reader stands before the next request, or nothing more is read
    bool unread_ = false;    // the client may still be sending what nobody reads
    bool begun_ = false;
    bool finished_ = false;
    bool keep_alive_ = true;
    bool head_only_ = false;
};

} // namespace persais::http
