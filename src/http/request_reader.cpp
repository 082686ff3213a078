#include "http/request_reader.hpp"

#include "base/told.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

namespace persais::http {

namespace beast = boost::beast;

struct request_reader::impl {
    using parser = beast::http::request_parser<beast::http::string_body>;

    explicit impl(std::size_t h) : header_bytes(h) { renew(); }

    void renew() {
        now.emplace();
        now->header_limit(static_cast<std::uint32_t>(header_bytes));
        now->body_limit(boost::none); // want_body sets it
        head_taken = false;
        body_bytes = 0;
        if (kept.empty()) kept = {}; // an idle connection keeps no room for a request
    }

    refusal refused(beast::error_code ec) const {
        if (ec == beast::http::error::header_limit)
            return {431, fmt::format("The request's header is larger than {} bytes.", header_bytes)};
        if (ec == beast::http::error::body_limit)
            return {413,
                    told<"The request's body is larger than {} bytes.", "Тело запроса больше {} байт.">(body_bytes)};
        return {400, fmt::format("This is not a HTTP/1.1 request: {}.", ec.message())};
    }

    /// To the end of the head, or of the body once that is wanted.
    std::optional<refusal> advance() {
        while (!now->is_done() && !(now->is_header_done() && !now->eager()) && !kept.empty()) {
            // The shortest end of a chunked body is "0\r\n\r\n"; once it has seen the first three bytes of it the
            // parser takes for granted that it gets all five, and ends the process when it does not.
            if (now->is_header_done() && now->chunked() && kept.size() < 5) return std::nullopt;
            beast::error_code ec;
            std::size_t used = now->put(asio::const_buffer(kept.data(), kept.size()), ec);
            kept.erase(0, used);
            if (ec == beast::http::error::need_more) {
                // An unfinished header stays in `kept`, and so do the unfinished header of a chunk and a trailer, for
                // which the parser has no limit of its own.
                if (kept.size() > header_bytes) return refused(beast::http::error::header_limit);
                return std::nullopt;
            }
            if (ec) return refused(ec);
            if (used == 0) return std::nullopt;
        }
        return std::nullopt;
    }

    /// Why the head could be read in two ways, as RFC 9112 says in 3.2 and 6.1; empty: it cannot. Beast ignores a
    /// coding that it does not know, and reads the body as the next request.
    std::string_view ambiguity() const {
        const auto& message = now->get();
        auto count = [&](beast::http::field name) { return message.count(name); };
        auto codings = count(beast::http::field::transfer_encoding);
        auto lengths = count(beast::http::field::content_length);
        if (codings > 1) return "Transfer-Encoding stands in it twice";
        if (codings == 1 && lengths > 0) return "it has Transfer-Encoding and Content-Length";
        if (codings == 1 && !beast::iequals(message[beast::http::field::transfer_encoding], "chunked"))
            return "its Transfer-Encoding is not \"chunked\"";
        if (codings == 1 && message.version() < 11) return "HTTP/1.0 has no Transfer-Encoding";
        if (lengths > 1 || message[beast::http::field::content_length].contains(','))
            return "Content-Length stands in it twice";
        auto hosts = count(beast::http::field::host);
        if (hosts > 1) return "Host stands in it twice";
        if (hosts == 0 && message.version() >= 11) return "it has no Host";
        return {};
    }

    request head() const {
        const auto& message = now->get();
        request r;
        r.method = std::string(message.method_string());
        std::string_view target(message.target().data(), message.target().size());
        auto question = target.find('?');
        r.path = std::string(target.substr(0, question));
        if (question != std::string_view::npos) r.query = std::string(target.substr(question + 1));
        for (const auto& field : message)
            r.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
        r.keep_alive = message.keep_alive();
        return r;
    }

    std::size_t header_bytes;
    std::size_t body_bytes = 0;
    std::optional<parser> now;
    std::string kept;
    bool head_taken = false;
};

request_reader::request_reader(std::size_t header_bytes) : impl_(std::make_unique<impl>(header_bytes)) {}
request_reader::~request_reader() = default;
request_reader::request_reader(request_reader&&) noexcept = default;
request_reader& request_reader::operator=(request_reader&&) noexcept = default;

std::optional<refusal> request_reader::feed(std::string_view bytes) {
    impl_->kept.append(bytes);
    if (auto no = impl_->advance()) return no;
    if (impl_->head_taken || !impl_->now->is_header_done()) return std::nullopt;
    if (!impl_->now->get().target().starts_with('/'))
        return refusal{400, "The request's target does not begin with a slash."};
    if (auto why = impl_->ambiguity(); !why.empty())
        return refusal{400, fmt::format("The request is not taken, because {}.", why)};
    return std::nullopt;
}

std::optional<request> request_reader::take_head() {
    if (impl_->head_taken || !impl_->now->is_header_done()) return std::nullopt;
    impl_->head_taken = true;
    return impl_->head();
}

bool request_reader::has_body() const {
    return !impl_->now->is_done();
}

bool request_reader::begun() const {
    return !impl_->kept.empty();
}

std::size_t request_reader::body_size() const {
    if (auto length = impl_->now->content_length()) return *length;
    return impl_->kept.size() + impl_->now->get().body().size();
}

bool request_reader::waits_for_continue() const {
    return impl_->kept.empty() && has_body() &&
           beast::iequals(impl_->now->get()[beast::http::field::expect], "100-continue");
}

std::optional<refusal> request_reader::want_body(std::size_t most) {
    impl_->body_bytes = most;
    // The parser compares a length that is announced with its limit while it reads the head; that was before.
    if (auto length = impl_->now->content_length(); length && *length > most)
        return impl_->refused(beast::http::error::body_limit);
    impl_->now->body_limit(most);
    impl_->now->eager(true);
    return impl_->advance();
}

std::optional<std::string> request_reader::take_body() {
    if (!impl_->now->is_done()) return std::nullopt;
    auto body = std::move(impl_->now->release().body());
    impl_->renew();
    return body;
}

bool request_reader::skip_body() {
    if (want_body(impl_->kept.size())) return false;
    return take_body().has_value();
}

} // namespace persais::http
