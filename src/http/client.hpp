#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/http.hpp"
#include "http/limits.hpp"

#include <chrono>
#include <memory>

namespace persais::http {

struct fetch_spec {
    std::string method = "GET";
    std::string url; // http or https, nothing else
    headers fields;
    secret secret_path = {};                                        // stands after `url`: Telegram has its token there
    std::vector<std::pair<std::string, secret>> secret_fields = {}; // more of `fields`
    std::string body;
    bool gathers = false;    // after its first piece the body may come up to `http_gather_most` later, in fewer pieces
    std::string unix_socket; // a path: the connection goes there, whatever host the url names
    std::chrono::milliseconds connect = limits::http_connect;
    std::chrono::milliseconds first_byte = limits::http_first_byte; // request sent to first line of the answer
    std::chrono::milliseconds silence = limits::http_silence;       // between two pieces of the body
};

struct fetch_error {
    enum class kind {
        unreached, // no name, no connection, no TLS: the server has not seen the request
        cut,       // the connection broke, or the answer made no sense: what the server did is unknown
        silent,    // it took too long: unknown too
        too_large, // the body is over the limit that was asked for
    };
    kind what;
    std::string sentence; // names the host, never a header or a body
};

struct fetched {
    int status = 0;
    headers fields;
    std::string body;
};

/// An answer whose head has come and whose body is read piece by piece. At most `http_stream_buffer_bytes` wait here; a
/// reader that is slow slows the sender. Its end (destructor) cuts the transfer if it is not over.
class exchange {
public:
    virtual ~exchange() = default;
    int status = 0;
    headers fields;
    /// The next piece as it came; empty at the body's true end. Cancellation throws operation_aborted.
    virtual awaitable<result<std::string, fetch_error>> read() = 0;
};

/// libcurl's transfers on our loop: connections are kept and used again, proxies of the environment are honoured.
/// Redirects are never followed: a token would go along. Nothing but a GET or a HEAD is ever sent twice: who counts a
/// request is the only one who may repeat it, so a connection that closes without an answer is `cut`. One executor; not
/// for other threads.
class client {
public:
    /// `ca_file`: PEM of the trusted roots; empty: the system's.
    client(const asio::any_io_executor& executor, std::string ca_file = {});
    ~client();

    /// Returns when the head of the answer has come, whatever its status.
    awaitable<result<std::unique_ptr<exchange>, fetch_error>> open(fetch_spec spec);
    /// The whole answer, its body at most `most` bytes.
    awaitable<result<fetched, fetch_error>> fetch(fetch_spec spec, std::size_t most);

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace persais::http
