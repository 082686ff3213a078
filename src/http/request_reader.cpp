#include "http/request_reader.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

namespace persais::http {

namespace beast = boost::beast;

struct request_reader::impl {
    using parser = beast::http::request_parser<beast::http::string_body>;

    explicit impl(reader_limits m) : most(m) { renew(); }

    void renew() {
        now.emplace();
        now->header_limit(static_cast<std::uint32_t>(most.header_bytes));
        now->body_limit(most.body_bytes);
        now->eager(true);
        asked_continue = false;
    }

    refusal refused(beast::error_code ec) const {
        if (ec == beast::http::error::header_limit)
            return {431, fmt::format("The request's header is larger than {} bytes.", most.header_bytes)};
        if (ec == beast::http::error::body_limit)
            return {413, fmt::format("The request's body is larger than {} bytes.", most.body_bytes)};
        return {400, fmt::format("This is not a HTTP/1.1 request: {}.", ec.message())};
    }

    std::optional<refusal> advance() {
        while (!now->is_done() && !kept.empty()) {
            beast::error_code ec;
            std::size_t used = now->put(asio::const_buffer(kept.data(), kept.size()), ec);
            kept.erase(0, used);
            if (ec == beast::http::error::need_more) {
                // An unfinished header stays in `kept`; the parser looks at its limit only when the header is whole.
                if (!now->is_header_done() && kept.size() > most.header_bytes)
                    return refused(beast::http::error::header_limit);
                return std::nullopt;
            }
            if (ec) return refused(ec);
            if (used == 0) return std::nullopt;
        }
        return std::nullopt;
    }

    request whole() {
        auto message = now->release();
        request r;
        r.method = std::string(message.method_string());
        std::string_view target(message.target().data(), message.target().size());
        auto question = target.find('?');
        r.path = std::string(target.substr(0, question));
        if (question != std::string_view::npos) r.query = std::string(target.substr(question + 1));
        for (const auto& field : message)
            r.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
        r.keep_alive = message.keep_alive();
        r.body = std::move(message.body());
        return r;
    }

    reader_limits most;
    std::optional<parser> now;
    std::string kept;
    bool asked_continue = false;
};

request_reader::request_reader(reader_limits most) : impl_(std::make_unique<impl>(most)) {}
request_reader::~request_reader() = default;
request_reader::request_reader(request_reader&&) noexcept = default;
request_reader& request_reader::operator=(request_reader&&) noexcept = default;

std::optional<refusal> request_reader::feed(std::string_view bytes) {
    impl_->kept.append(bytes);
    if (auto no = impl_->advance()) return no;
    if (impl_->now->is_done() && !impl_->now->get().target().starts_with('/'))
        return refusal{400, "The request's target does not begin with a slash."};
    return std::nullopt;
}

std::optional<request> request_reader::take() {
    if (!impl_->now->is_done()) return std::nullopt;
    auto r = impl_->whole();
    impl_->renew();
    return r;
}

bool request_reader::wants_continue() {
    if (impl_->asked_continue || !impl_->now->is_header_done() || impl_->now->is_done()) return false;
    auto expect = impl_->now->get()[beast::http::field::expect];
    if (!beast::iequals(expect, "100-continue")) return false;
    return impl_->asked_continue = true;
}

bool request_reader::idle() const {
    return impl_->kept.empty() && !impl_->now->got_some();
}

} // namespace persais::http
