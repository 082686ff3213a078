#include "base/host_rules.hpp"

#include "base/comma_parts.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace persais {

namespace ip = boost::asio::ip;

namespace {

constexpr std::size_t name_bytes = 253, label_bytes = 63; // RFC 1035
constexpr std::size_t shown_word = 60;                    // of a wrong one

bool is_label(std::string_view label) {
    auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= label_bytes && label.front() != '-' && std::ranges::all_of(label, good);
}

bool is_number(std::string_view label) {
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return std::ranges::all_of(label, digit) || label.starts_with("0x");
}

bool is_name(std::string_view name) {
    if (name.empty() || name.size() > name_bytes) return false;
    std::string_view last;
    for (bool more = true; more;) {
        auto dot = name.find('.');
        more = dot != name.npos;
        last = name.substr(0, dot);
        if (!is_label(last)) return false;
        if (more) name.remove_prefix(dot + 1);
    }
    return !is_number(last);
}

std::optional<std::uint16_t> read_port(std::string_view text) {
    std::uint16_t port = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (ec != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

/// The address as it is compared, or the name; nullopt: neither.
std::optional<std::string> plain_host(std::string_view text, bool bracketed) {
    boost::system::error_code ec;
    auto address = ip::make_address(text, ec);
    bool scoped = text.contains('%');
    if (!ec && !scoped && (address.is_v6() || !bracketed)) return plain_address(address).to_string();
    auto name = lower_case(text);
    if (name.ends_with('.')) name.pop_back();
    if (bracketed || !is_name(name)) return std::nullopt;
    return name;
}

result<void> add_addresses(host_rule& rule, std::string_view text, std::string_view at) {
    auto ranges = networks::parse(at);
    if (!ranges) return std::unexpected(ranges.error());
    boost::system::error_code ec;
    auto slash = at.find('/');
    auto first = ip::make_address(at.substr(0, slash), ec);
    bool whole = slash != at.npos && at.substr(slash) == "/0";
    if (ec || whole || is_never_reached(first))
        return fail(told<"'{}': no setting allows {} (link-local, metadata, multicast and reserved addresses)",
                         "«{}»: никакая настройка не разрешает {} (локальные адреса сети, метаданные, групповые и "
                         "зарезервированные адреса)">(text.substr(0, shown_word), at.substr(0, shown_word)));
    if (slash == at.npos) rule.exactly = first;
    if (first.is_loopback() && (!rule.exactly || !rule.port))
        return fail(told<"'{}': of this machine itself, only one port at one address can be allowed, such as "
                         "registry.local:4873@127.0.0.1",
                         "«{}»: на самой этой машине можно разрешить только один порт по одному адресу, например "
                         "registry.local:4873@127.0.0.1">(text.substr(0, shown_word)));
    rule.at = std::move(*ranges);
    return {};
}

} // namespace

std::string to_string(const host_and_port& one) {
    return one.host.contains(':') ? fmt::format("[{}]:{}", one.host, one.port)
                                  : fmt::format("{}:{}", one.host, one.port);
}

std::optional<host_and_port> parse_host_and_port(std::string_view text, std::uint16_t port) {
    auto parts = cut_authority(text);
    if (parts.user || parts.password) return std::nullopt;
    auto host = parts.host;
    bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    auto name = plain_host(host, bracketed);
    auto number = parts.port ? read_port(*parts.port) : port;
    if (!name || !number) return std::nullopt;
    return host_and_port{std::move(*name), *number};
}

result<host_rule> host_rules::parse_one(std::string_view text, author by) {
    host_rule rule;
    auto sign = text.rfind('@');
    auto rest = text.substr(0, sign);
    if (sign != text.npos && by == author::repository)
        return fail(told<"'{}' has an address behind @: only SETUP_HOSTS of the service can allow what is not public",
                         "«{}»: адрес после @: разрешить то, что не общедоступно, может только SETUP_HOSTS сервиса">(
            text.substr(0, shown_word)));
    if (rest == "*") {
        if (by == author::repository || sign != text.npos)
            return fail(told<"'{}' is every host: only SETUP_HOSTS of the service can allow that, for public addresses",
                             "«{}» — это все хосты: разрешить их может только SETUP_HOSTS сервиса, и только с "
                             "общедоступными адресами">(text.substr(0, shown_word)));
        return rule;
    }
    rule.below = rest.starts_with("*.");
    if (rule.below) rest.remove_prefix(2);
    auto parsed = parse_host_and_port(rest, https_port);
    if (!parsed)
        return fail(told<"'{}' is no host such as registry.example.org, *.example.org or registry.example.org:8443",
                         "«{}» — не хост вида registry.example.org, *.example.org или registry.example.org:8443">(
            text.substr(0, shown_word)));
    rule.host = parsed->host;
    if (cut_authority(rest).port) rule.port = parsed->port;
    if (sign != text.npos)
        if (auto ok = add_addresses(rule, text, text.substr(sign + 1)); !ok) return std::unexpected(ok.error());
    if (rule.exactly && rule.below) rule.exactly.reset();
    return rule;
}

result<host_rules> host_rules::parse(std::string_view text, author by) {
    host_rules all;
    for (auto word : comma_parts(text)) {
        if (word.empty()) continue;
        auto one = parse_one(word, by);
        if (!one) return std::unexpected(one.error());
        all.add(std::move(*one));
    }
    return all;
}

const host_rule* host_rules::find(const host_and_port& one) const {
    auto fits = [&](const host_rule& rule) {
        bool port = rule.port ? *rule.port == one.port : one.port == https_port || one.port == http_port;
        if (!port || rule.host.empty()) return port;
        if (!rule.below) return rule.host == one.host;
        return one.host.size() > rule.host.size() + 1 && one.host.ends_with(rule.host) &&
               one.host[one.host.size() - rule.host.size() - 1] == '.';
    };
    const host_rule* found = nullptr; // one that names addresses says more than one that does not, wherever it stands
    for (const auto& rule : all_)
        if (fits(rule) && (!found || (rule.at && !found->at))) found = &rule;
    return found;
}

bool allows(const host_rule& rule, const ip::address& address) {
    if (is_public(address)) return true;
    if (!rule.at || is_never_reached(address) || !rule.at->contain(address)) return false;
    return rule.exactly || !leads_to(address).is_loopback();
}

} // namespace persais
