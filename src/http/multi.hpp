#pragma once
#include "base/async.hpp"

#include <map>
#include <memory>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <curl/curl.h>

namespace persais::http {

/// curl's multi interface driven by an Asio executor. Transfers hold it by shared_ptr; handles are added and removed
/// only outside curl's callbacks (whoever waits for a transfer is woken through the loop, never called from inside
/// curl).
class multi : public std::enable_shared_from_this<multi> {
public:
    explicit multi(const asio::any_io_executor& executor);
    ~multi();
    multi(const multi&) = delete;

    using on_done = std::function<void(CURLcode)>;
    /// Of a transfer whose reader can wait a little for each piece.
    struct flow {
        bool gathers = false; // from now on: the first piece is read at once
        bool got = false;     // something since it was looked at
    };
    /// `easy` and `how` stay the caller's, who calls `remove` before it cleans them up.
    void add(CURL* easy, flow& how, on_done done);
    void remove(CURL* easy);
    const asio::any_io_executor& executor() const { return executor_; }

private:
    struct watched;
    struct transfer {
        flow& how;
        on_done done;
    };
    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
    static int on_timer(CURLM*, long milliseconds, void* self);
    static int on_close(void* self, curl_socket_t fd);
    void wait(const std::shared_ptr<watched>& one, int direction);
    /// After what has come on it was read.
    void go_on(const std::shared_ptr<watched>& one);
    bool rests(const watched& one);
    std::chrono::nanoseconds pause() const;
    void read_rested();
    void forget(curl_socket_t fd);
    void act(curl_socket_t fd, int flags);

    asio::any_io_executor executor_;
    asio::steady_timer timer_;
    CURLM* handle_;
    std::map<curl_socket_t, std::shared_ptr<watched>> sockets_;
    std::map<CURL*, transfer> transfers_;
    std::vector<std::shared_ptr<watched>>
        resting_; // nobody looks whether there is something on them until the pause is over
    asio::steady_timer rest_;
};

} // namespace persais::http
