// Addresses that are reached by ssh. Their user and host become words of ssh's command line, so both are held to plain
// characters: `-oProxyCommand=…` as a host once ran programs (CVE-2017-1000117).
#include "git/address_ssh.hpp"

#include "base/text.hpp"
#include "git/ssh.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

namespace persais::git {
namespace {

std::unexpected<failure> refuse(std::string sentence) {
    return std::unexpected(failure{trouble::refused_url, std::move(sentence)});
}

bool plain(std::string_view word, std::string_view also) {
    return !word.empty() && word.front() != '-' && std::ranges::all_of(word, [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || also.find(c) != also.npos;
    });
}

/// "[2001:db8::1]" or a name; what is returned is as ssh and known_hosts want it, without brackets.
std::optional<std::string> host_in(std::string_view written) {
    bool bracketed = written.size() > 2 && written.front() == '[' && written.back() == ']';
    std::string host(bracketed ? written.substr(1, written.size() - 2) : written);
    std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
    boost::system::error_code ec;
    bool numeric = host.find(':') != host.npos;
    if (numeric ? boost::asio::ip::make_address_v6(host, ec).is_unspecified() || ec : !plain(host, ".-_"))
        return std::nullopt;
    return host;
}

struct place {
    std::string user; // never empty
    std::string host;
    int port = ssh_port;
};

/// [user@]host[:port]
outcome<place> read_place(std::string_view authority) {
    constexpr auto wrong = "The ssh address of the repository is not well-formed: write ssh://git@host/path, "
                           "ssh://git@host:port/path or git@host:path.";
    place found;
    auto sign = authority.rfind('@');
    auto user = sign == authority.npos ? std::string_view() : authority.substr(0, sign);
    if (sign != authority.npos) authority.remove_prefix(sign + 1);
    if (user.find(':') != user.npos)
        return refuse("The ssh address of the repository holds a password; ssh is by key only: take it out and give "
                      "GIT_SSH_KEY.");
    if (sign != std::string_view::npos && !plain(user, "._-+~")) return refuse(wrong);
    // Forges know one user, and the name of the account that a service runs under means nothing to any host.
    found.user = user.empty() ? "git" : std::string(user);
    auto bracket = authority.rfind(']');
    auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
    if (colon != authority.npos) {
        auto digits = authority.substr(colon + 1);
        auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), found.port);
        if (ec != std::errc() || end != digits.data() + digits.size() || found.port < 1 || found.port > 65535)
            return refuse(wrong);
    }
    auto host = host_in(authority.substr(0, colon));
    if (!host) return refuse(wrong);
    found.host = *host;
    return found;
}

std::string in_url(const std::string& host) {
    return host.find(':') == host.npos ? host : "[" + host + "]";
}

address made_of(const place& where, std::string url) {
    address at;
    at.how = address::way::ssh;
    at.shown = text::printable(url);
    at.url = std::move(url);
    at.origin = fmt::format("ssh://{}:{}", in_url(where.host), where.port);
    at.user = where.user;
    at.host = where.host;
    at.port = where.port;
    return at;
}

bool has_control(std::string_view s) {
    return std::ranges::any_of(s, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

constexpr auto no_path = "The ssh address of the repository names no path: write ssh://git@host/path or git@host:path.";

} // namespace

outcome<address> read_ssh_url(std::string_view rest) {
    auto slash = rest.find('/');
    auto where = read_place(rest.substr(0, slash));
    if (!where) return std::unexpected(where.error());
    auto path = slash == rest.npos ? std::string_view() : rest.substr(slash);
    while (path.ends_with('/'))
        path.remove_suffix(1);
    // git itself undoes the escapes of such a path.
    if (path.empty() || has_control(unescaped(path))) return refuse(no_path);
    auto port = where->port == ssh_port ? "" : fmt::format(":{}", where->port);
    return made_of(*where, fmt::format("ssh://{}@{}{}{}", where->user, in_url(where->host), port, path));
}

outcome<address> read_scp_form(std::string_view text) {
    // git knows [user@host:port]:path too, the only way to name a port here.
    bool whole = text.starts_with('[');
    auto end = text.find(whole ? "]:" : ":");
    if (auto v6 = text.find("@["); !whole && v6 != text.npos && v6 < end) end = text.find("]:", v6) + 1;
    if (end == text.npos || end == 0) return refuse("The address of the repository is no well-formed URL.");
    std::string authority(whole ? text.substr(1, end - 1) : text.substr(0, end));
    boost::system::error_code no_v6;
    boost::asio::ip::make_address_v6(authority, no_v6);
    auto where = read_place(no_v6 ? authority : "[" + authority + "]");
    if (!where) return std::unexpected(where.error());
    auto path = text.substr(end + (whole ? 2 : 1));
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    if (path.empty() || path == "/" || path.starts_with('-')) return refuse(no_path);
    auto port = where->port == ssh_port ? "" : fmt::format(":{}", where->port);
    authority = fmt::format("{}@{}{}", where->user, in_url(where->host), port);
    return made_of(*where, fmt::format("{}:{}", port.empty() ? authority : "[" + authority + "]", path));
}

outcome<void> has_ssh_means(const address& at, const remote& where) {
    auto key = tidy_key(where.ssh_key);
    if (key.empty())
        return refuse(fmt::format("{} is reached by ssh, which needs a private key: give it as GIT_SSH_KEY (it is used "
                                  "for the host of GIT_REMOTE_URL only), or use the https address.",
                                  at.shown));
    if (auto usable = usable_key(key); !usable) return refuse(usable.error());
    if (auto hosts = known_host_lines(where.known_hosts); !hosts) return refuse(hosts.error());
    return {};
}

} // namespace persais::git
