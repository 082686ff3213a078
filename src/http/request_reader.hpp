#pragma once
#include "http/http.hpp"
#include "http/limits.hpp"

#include <memory>
#include <optional>

namespace persais::http {

struct request {
    std::string method; // as sent: "GET", "POST"
    std::string path;   // percent signs as sent; begins with '/' in every request that a handler sees
    std::string query;  // after the '?', without it
    headers fields;
    std::string body;
    bool keep_alive = true;
};

struct reader_limits {
    std::size_t header_bytes = limits::http_header_bytes;
    std::size_t body_bytes = limits::http_body_bytes;
};

/// Why bytes are no request, as the answer that says so: 400, 413 or 431.
struct refusal {
    int status;
    std::string sentence;
};

/// Bytes in, requests out. No socket: the server and the fuzzer feed it alike. After a refusal it is of no more use.
class request_reader {
public:
    explicit request_reader(reader_limits most = {});
    ~request_reader();
    request_reader(request_reader&&) noexcept;
    request_reader& operator=(request_reader&&) noexcept;

    /// The next bytes of the connection. Bytes beyond the first whole request are kept for the next.
    std::optional<refusal> feed(std::string_view bytes);
    /// The request that is whole now, if one is; the kept bytes are then read as the next one.
    /// A refusal of those comes with the next `feed` or `take`.
    std::optional<request> take();
    /// True once for a request whose client waits for "100 Continue" before it sends the body.
    bool wants_continue();
    /// True when nothing of a next request has come.
    bool idle() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace persais::http
