#include "http/client_address.hpp"

#include <algorithm>

#include <boost/beast/core/string.hpp>

namespace persais::http {

namespace ip = asio::ip;

namespace {

using maybe_address = std::optional<ip::address>;

std::string word_for(const ip::address& one) {
    auto address = plain_address(one);
    if (address.is_v4()) return address.to_string();
    return ip::network_v6(address.to_v6(), 64).canonical().to_string();
}

/// 192.0.2.1, 192.0.2.1:4711, 2001:db8::1, [2001:db8::1], [2001:db8::1]:4711
maybe_address read_node(std::string_view text) {
    if (text.starts_with('[')) {
        auto end = text.find(']');
        if (end == text.npos) return std::nullopt;
        text = text.substr(1, end - 1);
    } else if (std::ranges::count(text, ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    boost::system::error_code ec;
    auto address = ip::make_address(text, ec);
    if (ec) return std::nullopt;
    return plain_address(address);
}

std::string_view trimmed(std::string_view text) {
    auto from = text.find_first_not_of(" \t"), to = text.find_last_not_of(" \t");
    return from == text.npos ? std::string_view() : text.substr(from, to - from + 1);
}

/// At `separator`s outside of quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i == text.size() || (!quoted && text[i] == separator)) {
            parts.push_back(trimmed(text.substr(begin, i - begin)));
            begin = i + 1;
        } else if (text[i] == '"') {
            quoted = !quoted;
        }
    }
    return parts;
}

/// `for=192.0.2.60;proto=http`, `for="[2001:db8::1]:4711"`
maybe_address read_forwarded(std::string_view element) {
    for (auto pair : split(element, ';')) {
        auto is = pair.find('=');
        if (is == pair.npos || !boost::beast::iequals(trimmed(pair.substr(0, is)), "for")) continue;
        auto value = trimmed(pair.substr(is + 1));
        if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
            value = value.substr(1, value.size() - 2);
        return read_node(value);
    }
    return std::nullopt;
}

/// Of all headers of this name, as one list.
std::vector<maybe_address> listed(const headers& fields, std::string_view name,
                                  maybe_address (*read)(std::string_view)) {
    std::vector<maybe_address> all;
    for (const auto& [key, value] : fields) {
        if (!boost::beast::iequals(key, name)) continue;
        for (auto each : split(value, ','))
            if (!each.empty()) all.push_back(read(each));
    }
    return all;
}

/// nullopt: it cannot be read.
maybe_address last_stranger(const std::vector<maybe_address>& way, const networks& proxies) {
    for (auto each = way.rbegin(); each != way.rend(); ++each)
        if (!*each || !proxies.contain(**each)) return *each;
    return way.front();
}

} // namespace

std::string client_of(const maybe_address& peer, const networks& proxies) {
    if (!peer || proxies.contain(*peer) || is_private(*peer)) return {};
    return word_for(*peer);
}

std::string client_of(const maybe_address& peer, const headers& fields, const networks& proxies) {
    if (!peer || !proxies.contain(*peer)) return client_of(peer, proxies);
    maybe_address client;
    for (const auto& way :
         {listed(fields, "X-Forwarded-For", read_node), listed(fields, "Forwarded", read_forwarded)}) {
        if (way.empty()) continue;
        auto one = last_stranger(way, proxies);
        if (!one || (client && *client != *one)) return word_for(*peer);
        client = one;
    }
    return word_for(client.value_or(*peer));
}

} // namespace persais::http
