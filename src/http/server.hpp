#pragma once
#include "base/result.hpp"
#include "http/handler.hpp"

#include <filesystem>
#include <memory>

namespace persais::http {

/// HTTP/1.1 with keep-alive over unix sockets and TCP. What is no request gets 400 or 431 with one sentence.
/// One executor; not for other threads.
class server {
public:
    server(const asio::any_io_executor& executor, handler answer, server_options options = {});
    ~server(); // as close()
    server(const server&) = delete;

    /// Who connects from one sandbox, or as one other user, is one client. A stale socket file is replaced; a path over
    /// 107 bytes or a folder that is not there is a sentence.
    result<void> listen_unix(const std::filesystem::path& path, unsigned mode);
    /// Port 0 takes a free one. Returns the port.
    result<std::uint16_t> listen_tcp(const std::string& address, std::uint16_t port);
    /// Takes no more connections and cuts those under way; their handlers are cancelled and end by themselves.
    void close();

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace persais::http
