#include "base/url.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/parse.hpp>

namespace persais {

url_authority cut_authority(std::string_view text) {
    url_authority cut{.user = {}, .password = {}, .host_and_port = text, .host = {}, .port = {}};
    if (auto sign = text.rfind('@'); sign != text.npos) {
        auto user = text.substr(0, sign);
        auto colon = user.find(':');
        cut.user = user.substr(0, colon);
        if (colon != user.npos) cut.password = user.substr(colon + 1);
        cut.host_and_port = text.substr(sign + 1);
    }
    auto bracket = cut.host_and_port.rfind(']');
    auto colon = cut.host_and_port.find(':', bracket == text.npos ? 0 : bracket);
    cut.host = cut.host_and_port.substr(0, colon);
    if (colon != text.npos) cut.port = cut.host_and_port.substr(colon + 1);
    return cut;
}

std::optional<url_parts> cut_url(std::string_view text) {
    constexpr std::string_view mark = "://";
    auto end = text.find(mark);
    if (end == text.npos) return std::nullopt;
    auto rest = text.substr(end + mark.size());
    auto authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    url_parts cut{cut_authority(authority), text.substr(0, end), authority, {}, {}, {}, rest};
    if (auto sign = rest.find('#'); sign != rest.npos) {
        cut.fragment = rest.substr(sign + 1);
        rest = rest.substr(0, sign);
    }
    if (auto sign = rest.find('?'); sign != rest.npos) {
        cut.query = rest.substr(sign + 1);
        rest = rest.substr(0, sign);
    }
    cut.path = rest;
    return cut;
}

std::optional<url_parts> parse_url(std::string_view text) {
    // Boost.URL only checks the syntax here, because 1.81 parses 127.0.0.1.evil.example as the host 127.0.0.1 with the
    // rest as a path.
    if (!boost::urls::parse_uri(text)) return std::nullopt;
    return cut_url(text);
}

bool is_loopback(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    boost::system::error_code no_number;
    auto address = boost::asio::ip::make_address(host, no_number);
    return no_number ? boost::urls::grammar::ci_is_equal(host, "localhost") : address.is_loopback();
}

bool is_open_http(std::string_view text) {
    constexpr std::string_view http = "http:";
    if (!boost::urls::grammar::ci_is_equal(text.substr(0, http.size()), http)) return false;
    auto url = parse_url(text);
    return !url || !is_loopback(url->host);
}

bool is_ip_address(std::string_view text) {
    boost::system::error_code wrong;
    boost::asio::ip::make_address(text, wrong);
    return !wrong && !text.contains('%');
}

std::optional<ip_and_port> parse_ip_and_port(std::string_view text) {
    auto cut = cut_authority(text);
    auto ip = cut.host;
    bool bracketed = ip.size() > 2 && ip.front() == '[' && ip.back() == ']';
    if (bracketed) ip = ip.substr(1, ip.size() - 2);
    if (cut.user || !cut.port || !is_ip_address(ip) || bracketed != ip.contains(':')) return std::nullopt;
    ip_and_port read{.ip = std::string(ip)};
    auto end = cut.port->data() + cut.port->size();
    auto [stop, wrong] = std::from_chars(cut.port->data(), end, read.port);
    if (wrong != std::errc() || stop != end) return std::nullopt;
    return read;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), boost::urls::grammar::to_lower);
    return lower;
}

} // namespace persais
