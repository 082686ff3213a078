#pragma once
#include "http/server.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

namespace persais::http {

/// One client's connection: reads requests, runs the handler for each, watches that the client is still there.
/// `run` keeps it alive; `abort` ends it from outside.
class connection final : public responder, public std::enable_shared_from_this<connection> {
public:
    using socket = asio::generic::stream_protocol::socket;
    /// `answer` must outlive the connection: the server's implementation holds both.
    connection(socket peer, const handler& answer, const server_options& options)
        : socket_(std::move(peer)), answer_(answer), options_(options), reader_(options.most) {}

    awaitable<> run();

    awaitable<> send(int status, headers fields, std::string body) override;
    awaitable<> begin(int status, headers fields) override;
    awaitable<> write(std::string piece) override;
    awaitable<> finish() override;
    bool begun() const override { return begun_; }
    void abort() override;

private:
    struct handling;
    awaitable<std::optional<request>> read_request();
    awaitable<> handle(const request& r);
    void watch(const std::shared_ptr<handling>& under_way);
    awaitable<> put(std::string bytes);
    std::string head(int status, const headers& fields, std::string_view framing) const;

    socket socket_;
    const handler& answer_;
    const server_options& options_;
    request_reader reader_;
    std::string room_; // for one read
    std::shared_ptr<handling> under_way_;
    bool begun_ = false;
    bool finished_ = false;
    bool keep_alive_ = true;
    bool head_only_ = false;
};

} // namespace persais::http
