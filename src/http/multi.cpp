#include "http/multi.hpp"

#include "http/limits.hpp"

#include <algorithm>
#include <unistd.h>

namespace persais::http {

/// A socket of curl's. The descriptor is released, never closed, by us: curl owns it.
struct multi::watched {
    watched(const asio::any_io_executor& executor, curl_socket_t fd) : descriptor(executor, fd) {}
    asio::posix::stream_descriptor descriptor;
    CURL* easy = nullptr; // whose transfer it serves
    int wanted = 0;       // CURL_POLL_IN | CURL_POLL_OUT
    int waiting = 0;      // which of those has a wait under way
    bool forgotten = false;
};

namespace {

/// Once for the process, before the first handle; curl asks for it.
void start_curl() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw std::runtime_error("libcurl does not start");
}

} // namespace

multi::multi(const asio::any_io_executor& executor) : executor_(executor), timer_(executor), rest_(executor) {
    start_curl();
    handle_ = curl_multi_init();
    if (!handle_) throw std::bad_alloc();
    curl_multi_setopt(handle_, CURLMOPT_SOCKETFUNCTION, &multi::on_socket);
    curl_multi_setopt(handle_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(handle_, CURLMOPT_TIMERFUNCTION, &multi::on_timer);
    curl_multi_setopt(handle_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(handle_, CURLMOPT_MAXCONNECTS, static_cast<long>(limits::http_kept_connections));
}

multi::~multi() {
    curl_multi_cleanup(handle_); // closes the kept connections: on_close still finds the map
    for (auto& [fd, one] : sockets_)
        one->descriptor.release();
}

void multi::add(CURL* easy, flow& how, on_done done) {
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &multi::on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
    transfers_.emplace(easy, transfer{how, std::move(done)});
    if (auto code = curl_multi_add_handle(handle_, easy); code != CURLM_OK) {
        transfers_.erase(easy);
        throw std::runtime_error(curl_multi_strerror(code));
    }
}

void multi::remove(CURL* easy) {
    transfers_.erase(easy);
    curl_multi_remove_handle(handle_, easy);
}

void multi::forget(curl_socket_t fd) {
    auto found = sockets_.find(fd);
    if (found == sockets_.end()) return;
    auto one = found->second;
    sockets_.erase(found);
    one->forgotten = true;
    one->descriptor.release();
}

int multi::on_close(void* self, curl_socket_t fd) {
    static_cast<multi*>(self)->forget(fd);
    return ::close(fd);
}

int multi::on_socket(CURL* easy, curl_socket_t fd, int what, void* data, void*) {
    auto* self = static_cast<multi*>(data);
    if (what == CURL_POLL_REMOVE) {
        self->forget(fd);
        return 0;
    }
    auto& one = self->sockets_[fd];
    if (!one) one = std::make_shared<watched>(self->executor_, fd);
    one->easy = easy;
    one->wanted = what;
    auto keep = one;
    if (what & CURL_POLL_IN) self->wait(keep, CURL_POLL_IN);
    if (what & CURL_POLL_OUT) self->wait(keep, CURL_POLL_OUT);
    return 0;
}

void multi::wait(const std::shared_ptr<watched>& one, int direction) {
    if (one->waiting & direction) return;
    one->waiting |= direction;
    auto kind = direction == CURL_POLL_IN ? asio::posix::stream_descriptor::wait_read
                                          : asio::posix::stream_descriptor::wait_write;
    one->descriptor.async_wait(kind, [weak = weak_from_this(), one, direction](boost::system::error_code ec) {
        one->waiting &= ~direction;
        auto self = weak.lock();
        if (!self || one->forgotten || ec == asio::error::operation_aborted || !(one->wanted & direction)) return;
        auto fd = one->descriptor.native_handle();
        int flags = ec ? CURL_CSELECT_ERR : direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        self->act(fd, flags);
        if (direction == CURL_POLL_IN)
            self->go_on(one);
        else if (!one->forgotten && (one->wanted & direction))
            self->wait(one, direction);
    });
}

void multi::go_on(const std::shared_ptr<watched>& one) {
    if (one->forgotten || !(one->wanted & CURL_POLL_IN)) return;
    if (!rests(*one)) {
        wait(one, CURL_POLL_IN);
        return;
    }
    resting_.push_back(one);
    if (resting_.size() > 1) return;
    rest_.expires_after(pause());
    rest_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
        auto self = weak.lock();
        if (!ec && self) self->read_rested();
    });
}

/// One that had nothing this time is waited for as any other, so that silence costs nothing.
bool multi::rests(const watched& one) {
    auto found = transfers_.find(one.easy);
    if (found == transfers_.end()) return false;
    bool got = std::exchange(found->second.how.got, false);
    return got && found->second.how.gathers && pause() > std::chrono::nanoseconds(0);
}

/// Each stream adds to it, so that however many there are, they are read so many times a second in all.
std::chrono::nanoseconds multi::pause() const {
    auto gathering = std::ranges::count_if(transfers_, [](const auto& each) { return each.second.how.gathers; });
    auto all = std::min<std::chrono::nanoseconds>(limits::http_gather_each * gathering, limits::http_gather_most);
    return all < limits::http_gather_least ? std::chrono::nanoseconds(0) : all;
}

void multi::read_rested() {
    for (const auto& one : std::exchange(resting_, {})) {
        if (one->forgotten || !(one->wanted & CURL_POLL_IN)) continue;
        act(one->descriptor.native_handle(), CURL_CSELECT_IN);
        go_on(one);
    }
}

int multi::on_timer(CURLM*, long milliseconds, void* data) {
    auto* self = static_cast<multi*>(data);
    if (milliseconds < 0) {
        self->timer_.cancel();
        return 0;
    }
    self->timer_.expires_after(std::chrono::milliseconds(milliseconds));
    self->timer_.async_wait([weak = self->weak_from_this()](boost::system::error_code ec) {
        auto alive = weak.lock();
        if (!ec && alive) alive->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
}

void multi::act(curl_socket_t fd, int flags) {
    int running = 0;
    curl_multi_socket_action(handle_, fd, flags, &running);
    int left = 0;
    while (auto* message = curl_multi_info_read(handle_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        auto code = message->data.result;
        auto found = transfers_.find(message->easy_handle);
        if (found != transfers_.end()) found->second.done(code);
    }
}

} // namespace persais::http
