#pragma once
#include "base/networks.hpp"
#include "base/result.hpp"
#include "http/limits.hpp"
#include "http/request_reader.hpp"

#include <chrono>
#include <functional>

/// What stands between a connection and whoever answers its requests.
namespace persais::http {

/// How a handler answers one request: either `send`, or `begin`, any number of `write`, `finish`.
/// Each awaits until the bytes are with the kernel, so a slow client slows its handler and nothing else; a client that
/// takes nothing for `http_write_stall` is gone. All throw system_error when the client is gone.
class responder {
public:
    virtual ~responder() = default;
    /// Throws std::invalid_argument for a header with a line break in it.
    virtual awaitable<> send(int status, headers fields, std::string body) = 0;
    /// A body of unknown length, in chunks. What HEAD asks for ends here: the handler is cancelled.
    virtual awaitable<> begin(int status, headers fields) = 0;
    /// An empty piece writes nothing.
    virtual awaitable<> write(std::string piece) = 0;
    virtual awaitable<> finish() = 0;
    virtual bool begun() const = 0;
    /// Closes the connection and cancels the handler, as if the client had left. From outside the handler.
    virtual void abort() = 0;
};

/// One request and its answer, for what stands between a connection and the handlers.
class pending_request : public responder {
public:
    /// The request's body, once and before the answer; what is not asked for is not read, and nothing is while the
    /// bodies of other requests take all of `server_options::bodies_bytes`: then 503. A refusal is for the handler to
    /// send; the connection ends after it. Throws system_error when the client leaves or takes longer than
    /// `server_options::idle`.
    virtual awaitable<result<std::string, refusal>> body(std::size_t most) = 0;
    /// From now on the handler has so long to begin its answer; then it is cancelled and the answer is a 503. nullopt:
    /// as long as it likes.
    virtual void begin_within(std::optional<std::chrono::milliseconds> limit) = 0;
    /// That time was over.
    virtual bool late() const = 0;
};

/// Answers one request, which comes without its body. The pending request lives until the handler has returned. The
/// handler is cancelled (operation_aborted) when the client leaves; a client that closes only its sending side counts
/// as gone. What it throws becomes a 500 and a line in the log.
using handler = std::function<awaitable<>(request, pending_request&)>;

struct server_options {
    std::size_t header_bytes = limits::http_header_bytes;
    std::chrono::milliseconds idle = limits::http_idle; // from the last answer to a whole head, and again for a body
    std::chrono::milliseconds write_stall = limits::http_write_stall;
    std::size_t connections = limits::http_connections;
    std::size_t client_connections = limits::http_client_connections;
    std::size_t bodies_bytes = limits::http_bodies_bytes; // of all requests, until they are answered
    networks proxies = {};                                // who is believed about whom a request comes from
    /// Of a request's head: it is answered before others that wait, and when every connection is being served. For
    /// what is answered at once, without a body. Empty: none is.
    std::function<bool(const request&)> first = {};
};

} // namespace persais::http
