#pragma once
#include "base/result.hpp"
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
    std::string client; // a word to count by (client_of); empty: not known. The reader does not set it
    bool keep_alive = true;
};

/// Why bytes are no request, or none that is taken, as the answer that says so: 400, 413, 431 or 503.
struct refusal {
    int status;
    std::string sentence;
};

/// Bytes in, requests out. No socket: the server and the fuzzer feed it alike. Each request is taken in two steps, its
/// head and then its body, because how large a body may be depends on what the head asks for. Bytes that came beyond
/// the step that is under way are kept. After a refusal the reader is of no more use. A head that two readers could
/// understand in two ways (another transfer coding than one "chunked", a length beside it or twice, no Host or two) is
/// refused, because a proxy before us may be the other reader.
class request_reader {
public:
    explicit request_reader(std::size_t header_bytes = limits::http_header_bytes);
    ~request_reader();
    request_reader(request_reader&&) noexcept;
    request_reader& operator=(request_reader&&) noexcept;

    /// The next bytes of the connection; none: only looks at those that are kept.
    std::optional<refusal> feed(std::string_view bytes);
    /// The next request once its head is whole, its body empty. Nothing of the body is read before `want_body`.
    std::optional<request> take_head();
    /// After `take_head`: something of this request is still to be read.
    bool has_body() const;
    /// A part of a request is here.
    bool begun() const;
    /// Of the body: as announced, else what has come of it so far. After `want_body`.
    std::size_t body_size() const;
    /// True when the client waits for "100 Continue" before it sends the body.
    bool waits_for_continue() const;
    /// After `take_head`: the body is wanted if it has at most so many bytes; else 413.
    std::optional<refusal> want_body(std::size_t most);
    /// After `want_body`: the body once it is whole. The kept bytes are then read as the next request.
    std::optional<std::string> take_body();
    /// After `take_head`: nobody wants the body. True when it is here already and was skipped, so that the next request
    /// can be read; false: the connection cannot go on after the answer.
    bool skip_body();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace persais::http
