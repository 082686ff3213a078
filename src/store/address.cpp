#include "store/address.hpp"

#include "base/url.hpp"
#include "store/limits.hpp"

#include <algorithm>
#include <array>
#include <ranges>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::store {

namespace {

constexpr std::string_view pooler = "-pooler";

bool private_address(const asio::ip::address& a) {
    if (a.is_loopback() || a.is_unspecified()) return true;
    if (a.is_v6() && a.to_v6().is_v4_mapped())
        return private_address(asio::ip::make_address_v4(asio::ip::v4_mapped, a.to_v6()));
    if (a.is_v6()) {
        auto bytes = a.to_v6().to_bytes();
        return (bytes[0] & 0xfe) == 0xfc || a.to_v6().is_link_local(); // fc00::/7: Fly's 6PN, for example
    }
    auto n = a.to_v4().to_uint();
    auto in = [n](unsigned net, int bits) { return n >> (32 - bits) == net >> (32 - bits); };
    return in(0x0a000000, 8) || in(0xac100000, 12) || in(0xc0a80000, 16) || in(0xa9fe0000, 16) || in(0x64400000, 10);
}

std::string lower(std::string_view s) {
    std::string out(s);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// Where the host stands within the text of an address, so that everything else stays as it was written. npos when it
/// is not where it should be (it contains percent signs, or the address is a keyword line).
std::size_t find_host(const std::string& url, const std::string& host) {
    auto cut = cut_url(url);
    if (!cut) return std::string::npos;
    auto from = static_cast<std::size_t>(cut->host_and_port.data() - url.data());
    return url.compare(from, host.size(), host) == 0 ? from : std::string::npos;
}

std::string quoted(const std::string& value) {
    std::string text = "'";
    for (char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

secret keyword_line(const conninfo& info) {
    std::string line;
    for (const auto& [keyword, value] : info.words)
        line += fmt::format("{}={} ", keyword, quoted(value));
    for (const auto& [keyword, value] : info.secrets)
        line += fmt::format("{}={} ", keyword, quoted(value.reveal()));
    return secret(std::move(line));
}

} // namespace

bool near_host(std::string_view host) {
    if (host.empty() || host.front() == '/' || host.front() == '@') return true;
    boost::system::error_code ec;
    auto address = asio::ip::make_address(host, ec);
    if (!ec) return private_address(address);
    auto name = lower(host);
    if (name.ends_with('.')) name.pop_back();
    if (!name.contains('.')) return true;
    constexpr std::array<std::string_view, 8> endings{".internal", ".local",   ".localhost", ".localdomain",
                                                      ".lan",      ".flycast", ".home.arpa", ".svc"};
    return std::ranges::any_of(endings, [&](auto ending) { return name.ends_with(ending); });
}

bool neon_host(std::string_view host) {
    auto name = lower(host);
    return name.ends_with(".neon.tech") || name.ends_with(".neon.build");
}

std::string without_pooler(const std::string& host) {
    auto dot = host.find('.');
    if (dot == std::string::npos || !std::string_view(host).substr(0, dot).ends_with(pooler)) return host;
    return host.substr(0, dot - pooler.size()) + host.substr(dot);
}

std::vector<std::string> hosts_of(const conninfo& info) {
    auto found = info.words.find("host");
    if (found == info.words.end()) found = info.words.find("hostaddr");
    if (found == info.words.end()) return {""};
    std::vector<std::string> hosts;
    for (auto part : std::views::split(found->second, ','))
        hosts.emplace_back(part.begin(), part.end());
    return hosts;
}

bool every_host(const conninfo& info, bool (*is)(std::string_view)) {
    return std::ranges::all_of(hosts_of(info), [is](const auto& host) { return is(host); });
}

bool names_a_pooler(const conninfo& info) {
    auto port = info.words.find("port"); // the ports of PgBouncer and of hosts that run a pooler beside the server
    if (port != info.words.end() && (port->second == "6432" || port->second == "6543")) return true;
    return std::ranges::any_of(hosts_of(info), [](const auto& host) {
        return host.contains(pooler) || host.contains("pgbouncer") || host.contains(".pooler.");
    });
}

bool hides_its_process(const conninfo& info) {
    return every_host(info, neon_host) && !names_a_pooler(info);
}

std::optional<secret> direct_url(const secret& database_url, const secret& direct_url, bool server_is_pooler) {
    if (!direct_url.empty()) return direct_url;
    auto info = parse_conninfo(database_url, limits::db_connect);
    if (!names_a_pooler(info)) return server_is_pooler ? std::nullopt : std::optional(database_url);
    auto hosts = hosts_of(info);
    auto direct = info;
    for (auto& host : hosts)
        host = without_pooler(host);
    direct.words["host"] = fmt::format("{}", fmt::join(hosts, ","));
    if (names_a_pooler(direct)) return std::nullopt;
    auto url = database_url.reveal();
    const auto& host = info.words["host"];
    if (auto at = find_host(url, host); at != std::string::npos)
        return secret(url.replace(at, host.size(), direct.words["host"]));
    return keyword_line(direct);
}

bool may_suspend(const secret& url) {
    return !every_host(parse_conninfo(url, limits::db_connect), near_host);
}

} // namespace persais::store
