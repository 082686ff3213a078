#include "http/client.hpp"

#include "base/url.hpp"
#include "http/limits.hpp"
#include "http/multi.hpp"

#include <fmt/format.h>

namespace persais::http {

namespace {

/// One transfer and its curl handle; `read` and `open` wait on `wake_`, which curl's callbacks cancel.
class transfer final : public exchange {
public:
    transfer(std::shared_ptr<multi> loop, const std::string& ca_file, fetch_spec spec);
    ~transfer() override;

    awaitable<result<void, fetch_error>> head();
    awaitable<result<std::string, fetch_error>> read() override;

private:
    static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
    static int on_connected(void* self, char*, char*, int, int);
    static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
    /// False when `limit` passed; throws operation_aborted when cancelled.
    awaitable<bool> woken(std::chrono::milliseconds limit);
    fetch_error failure() const;
    std::string host() const;
    void forget_what_was_sent();
    bool may_repeat() const { return spec_.method == "GET" || spec_.method == "HEAD"; }

    std::shared_ptr<multi> loop_;
    fetch_spec spec_;
    CURL* easy_;
    curl_slist* sent_ = nullptr;
    char words_[CURL_ERROR_SIZE] = {};
    asio::steady_timer wake_;
    std::string buffered_;
    multi::flow flow_;
    bool connected_ = false, headed_ = false, paused_ = false, done_ = false;
    CURLcode code_ = CURLE_OK;
};

transfer::transfer(std::shared_ptr<multi> loop, const std::string& ca_file, fetch_spec spec)
    : loop_(std::move(loop)), spec_(std::move(spec)), easy_(curl_easy_init()), wake_(loop_->executor()) {
    if (!easy_) throw std::bad_alloc();
    auto set = [&](auto option, auto value) { curl_easy_setopt(easy_, option, value); };
    set(CURLOPT_URL, around(spec_.url, spec_.secret_path).reveal().c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); // a proxy's answer is not the server's
    set(CURLOPT_ERRORBUFFER, words_);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(spec_.connect.count()));
    // HTTP/2 in curl takes up to 32 MiB off the wire for a paused stream; 1.1 leaves it with the sender.
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(limits::http_upload_buffer_bytes));
    set(CURLOPT_PREREQFUNCTION, &transfer::on_connected);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_HEADERFUNCTION, &transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    if (!spec_.unix_socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, spec_.unix_socket.c_str());
    if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
    if (spec_.method == "HEAD")
        set(CURLOPT_NOBODY, 1L);
    else if (spec_.method != "GET" || !spec_.body.empty()) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, spec_.body.data());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(spec_.body.size()));
        set(CURLOPT_CUSTOMREQUEST, spec_.method.c_str());
    }
    for (const auto& [name, value] : spec_.fields)
        sent_ = curl_slist_append(sent_, (name + ": " + value).c_str());
    for (const auto& [name, value] : spec_.secret_fields)
        sent_ = curl_slist_append(sent_, around(name + ": ", value).reveal().c_str());
    spec_.secret_path = {}; // curl has copies of its own
    spec_.secret_fields.clear();
    sent_ = curl_slist_append(sent_, "Expect:"); // no round trip before a large body
    set(CURLOPT_HTTPHEADER, sent_);
    loop_->add(easy_, flow_, [this](CURLcode code) {
        done_ = true;
        code_ = code;
        wake_.cancel();
    });
}

transfer::~transfer() {
    loop_->remove(easy_);
    curl_easy_cleanup(easy_);
    curl_slist_free_all(sent_);
}

int transfer::on_connected(void* self, char*, char*, int, int) {
    auto& me = *static_cast<transfer*>(self);
    // The second time, curl repeats the request by itself because a reused connection closed before the first byte.
    if (me.connected_ && !me.may_repeat()) return CURL_PREREQFUNC_ABORT;
    me.connected_ = true;
    me.wake_.cancel();
    return CURL_PREREQFUNC_OK;
}

std::size_t transfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
    auto& me = *static_cast<transfer*>(self);
    std::string_view line(data, size);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    if (line.starts_with("HTTP/")) { // also after "100 Continue"
        me.fields.clear();
        auto space = line.find(' ');
        me.status = space == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(space + 1, 3)).c_str());
    } else if (line.empty()) {
        if (me.status >= 200) {
            me.headed_ = true;
            me.forget_what_was_sent();
        }
        me.wake_.cancel();
    } else if (auto colon = line.find(':'); colon != std::string_view::npos && !me.headed_) {
        auto value = line.substr(colon + 1);
        while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
            value.remove_prefix(1);
        me.fields.emplace_back(std::string(line.substr(0, colon)), std::string(value));
    }
    return size;
}

/// An answer may take minutes. What may be repeated is kept, for curl has no copy of its own.
void transfer::forget_what_was_sent() {
    curl_off_t sent = 0;
    curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (!may_repeat() && std::cmp_equal(sent, spec_.body.size())) std::string().swap(spec_.body);
}

std::size_t transfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& me = *static_cast<transfer*>(self);
    if (!me.buffered_.empty() && me.buffered_.size() + size > limits::http_stream_buffer_bytes) {
        me.paused_ = true;
        return CURL_WRITEFUNC_PAUSE; // curl keeps this piece and gives it again
    }
    me.buffered_.append(data, size);
    me.flow_ = {.gathers = me.spec_.gathers, .got = true};
    me.wake_.cancel();
    return size;
}

awaitable<bool> transfer::woken(std::chrono::milliseconds limit) {
    wake_.expires_after(limit);
    boost::system::error_code ec;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    co_return ec == asio::error::operation_aborted;
}

awaitable<result<void, fetch_error>> transfer::head() {
    while (!connected_ && !done_)
        co_await woken(spec_.connect); // curl itself ends it in time
    auto until = std::chrono::steady_clock::now() + spec_.first_byte;
    while (!headed_ && !done_) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            co_return std::unexpected(fetch_error{
                fetch_error::kind::silent, fmt::format("{} took the request and did not answer within {} s.", host(),
                                                       std::chrono::duration<double>(spec_.first_byte).count())});
        co_await woken(left);
    }
    if (!headed_) co_return std::unexpected(failure());
    co_return result<void, fetch_error>{};
}

awaitable<result<std::string, fetch_error>> transfer::read() {
    while (buffered_.empty() && !done_) {
        if (paused_) {
            paused_ = false;
            curl_easy_pause(easy_, CURLPAUSE_CONT);
            continue;
        }
        if (!co_await woken(spec_.silence) && buffered_.empty() && !done_)
            co_return std::unexpected(fetch_error{
                fetch_error::kind::silent, fmt::format("{} stopped in the middle of its answer for {} s.", host(),
                                                       std::chrono::duration<double>(spec_.silence).count())});
    }
    if (!buffered_.empty()) co_return std::exchange(buffered_, {});
    if (code_ != CURLE_OK) co_return std::unexpected(failure());
    co_return std::string();
}

std::string transfer::host() const {
    auto url = parse_url(spec_.url);
    return url ? std::string(url->host_and_port) : "the server";
}

fetch_error transfer::failure() const {
    using kind = fetch_error::kind;
    std::string words = words_[0] ? words_ : curl_easy_strerror(code_);
    auto broke = [&] { return fetch_error{kind::cut, fmt::format("The connection to {} broke: {}.", host(), words)}; };
    // Once it was sent, that curl could not connect to send it again says nothing about what came of it.
    auto unreached = [&] {
        if (connected_ && !may_repeat()) return broke();
        return fetch_error{kind::unreached, fmt::format("{} cannot be reached: {}.", host(), words)};
    };
    switch (code_) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_OPERATION_TIMEDOUT: // the one deadline that is curl's own is the connect's; ours never reach here
        return unreached();
    case CURLE_GOT_NOTHING:
    case CURLE_ABORTED_BY_CALLBACK: // only to prevent a repetition
        return {kind::cut, fmt::format("{} closed the connection without an answer.", host())};
    case CURLE_OK:
        return {kind::cut, fmt::format("{} answered nothing.", host())};
    default:
        return broke();
    }
}

} // namespace

struct client::impl {
    std::shared_ptr<multi> loop;
    std::string ca_file;
};

client::client(const asio::any_io_executor& executor, std::string ca_file)
    : impl_(std::make_shared<impl>(std::make_shared<multi>(executor), std::move(ca_file))) {}
client::~client() = default;

awaitable<result<std::unique_ptr<exchange>, fetch_error>> client::open(fetch_spec spec) {
    auto held = impl_; // the client may go while this waits
    auto one = std::make_unique<transfer>(held->loop, held->ca_file, std::move(spec));
    auto got = co_await one->head();
    if (!got) co_return std::unexpected(std::move(got.error()));
    co_return std::unique_ptr<exchange>(std::move(one));
}

awaitable<result<fetched, fetch_error>> client::fetch(fetch_spec spec, std::size_t most) {
    auto opened = co_await open(std::move(spec));
    if (!opened) co_return std::unexpected(std::move(opened.error()));
    auto& answer = **opened;
    fetched whole{answer.status, answer.fields, {}};
    for (;;) {
        auto piece = co_await answer.read();
        if (!piece) co_return std::unexpected(std::move(piece.error()));
        if (piece->empty()) co_return whole;
        if (whole.body.size() + piece->size() > most)
            co_return std::unexpected(
                fetch_error{fetch_error::kind::too_large, fmt::format("The answer is larger than {} bytes.", most)});
        whole.body += *piece;
    }
}

} // namespace persais::http
