#pragma once
#include "base/background.hpp"
#include "http/handler.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

namespace persais::http {

/// One client's connection: reads requests, runs the handler for each, watches that the client is still there.
/// `run` keeps it alive; `abort` ends it from outside.
class connection final : public pending_request, public std::enable_shared_from_this<connection> {
public:
    using socket = asio::generic::stream_protocol::socket;
    /// `answer` must outlive the connection: the server's implementation holds both.
    connection(socket peer, const handler& answer, const server_options& options)
        : socket_(std::move(peer)), answer_(answer), options_(options), reader_(options.header_bytes) {}

    awaitable<> run();

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
    awaitable<> handle(request r);
    /// Until then something comes, or system_error.
    awaitable<std::optional<refusal>> read_more(std::chrono::steady_clock::time_point until);
    awaitable<> drain();
    void watch(const std::shared_ptr<handling>& under_way);
    awaitable<> put(std::string bytes);
    std::string start(int status, const headers& fields, std::string_view framing);

    socket socket_;
    const handler& answer_;
    const server_options& options_;
    request_reader reader_;
    std::string room_; // for one read
    std::shared_ptr<handling> under_way_;
    bool body_done_ = false; // the reader stands before the next request, or nothing more is read
    bool unread_ = false;    // the client may still be sending what nobody reads
    bool begun_ = false;
    bool finished_ = false;
    bool keep_alive_ = true;
    bool head_only_ = false;
};

} // namespace persais::http
