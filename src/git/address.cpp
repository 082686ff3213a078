#include "git/address.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "git/address_ssh.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

std::unexpected<failure> refuse(std::string sentence, trouble kind = trouble::refused_url) {
    return std::unexpected(failure{kind, std::move(sentence)});
}

/// From the text that curl will get: Boost.URL 1.81 takes 127.0.0.1.example.org for the address 127.0.0.1.
bool loopback(std::string host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
    boost::system::error_code ec;
    auto numeric = boost::asio::ip::make_address(host, ec);
    return ec ? host == "localhost" : numeric.is_loopback();
}

bool a_repository(const fs::path& path) {
    std::error_code ec;
    if (fs::exists(path / ".git", ec)) return true;
    return fs::is_regular_file(path / "HEAD", ec) && fs::is_directory(path / "objects", ec);
}

outcome<address> read_path(const std::string& text) {
    std::error_code ec;
    auto path = fs::canonical(text, ec);
    auto shown = persais::text::printable(text);
    if (ec == std::errc::permission_denied)
        return refuse(fmt::format("{}: this user may not look there.", shown), trouble::no_read);
    if (ec)
        return refuse(fmt::format("There is no repository at {}: the path does not exist.", shown), trouble::not_found);
    if (!a_repository(path))
        return refuse(
            fmt::format("{} is no git repository: give the folder that holds .git, or a bare repository.", shown),
            trouble::not_found);
    return address{.how = address::way::local, .url = path.string(), .shown = persais::text::printable(path.string())};
}

/// The user name that a forge wants beside a token.
std::string user_for(const std::string& host) {
    if (host == "github.com" || host.ends_with(".github.com") || host.ends_with(".ghe.com")) return "x-access-token";
    if (host == "gitlab.com" || host.starts_with("gitlab.")) return "oauth2";
    return "git";
}

/// scheme://[user[:password]@]host[:port][/path], taken apart as curl does it. Not by Boost.URL: 1.81 reads the host of
/// http://127.0.0.1.example.org/ as 127.0.0.1, and who gets the token hangs on it.
outcome<address> read_web(const std::string& scheme, std::string_view rest, const remote& where) {
    address at;
    at.how = scheme == "https" ? address::way::https : address::way::http;
    auto slash = rest.find_first_of("/?#");
    auto path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    auto authority = rest.substr(0, slash);
    auto sign = authority.rfind('@');
    auto user = sign == std::string_view::npos ? std::string_view() : authority.substr(0, sign);
    if (sign != std::string_view::npos) authority.remove_prefix(sign + 1);
    auto bracket = authority.rfind(']');
    auto port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    std::string host(authority.substr(0, port));
    auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::strchr(".-_:[]", c); };
    if (host.empty() || host.front() == '-' || !std::ranges::all_of(authority, good) ||
        path.find_first_of(" \\\"<>^`{|}") != std::string_view::npos)
        return refuse("The address of the repository is no well-formed URL.");
    at.origin = fmt::format("{}://{}", scheme, authority);
    at.shown = at.origin + persais::text::printable(path);
    if (user.find(':') != std::string_view::npos)
        return refuse(
            fmt::format("The address of {} holds a password; take it out and give it as GIT_ACCESS_TOKEN.", at.shown));
    if (path.find_first_of("?#") != std::string_view::npos)
        return refuse(
            fmt::format("The address of {} has a query or fragment; give the plain clone address.", at.shown));
    if (at.how == address::way::http && !where.token.empty() && !loopback(host))
        return refuse(fmt::format("{} is plain http, which would show the token to the network; use https.", at.shown));
    std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
    at.user = user.empty() ? user_for(host) : unescaped(user);
    at.url = fmt::format("{}://{}{}{}{}", scheme, user, user.empty() ? "" : "@", authority, path);
    while (at.url.ends_with('/'))
        at.url.pop_back();
    return at;
}

std::string hash_of(std::string_view s) {
    return to_hex(sha256(s).substr(0, 6));
}

} // namespace

std::string unescaped(std::string_view s) {
    std::string made;
    for (std::size_t i = 0; i < s.size(); ++i) {
        unsigned value = 0;
        if (s[i] == '%' && i + 2 < s.size() &&
            std::from_chars(s.data() + i + 1, s.data() + i + 3, value, 16).ptr == s.data() + i + 3) {
            made += static_cast<char>(value);
            i += 2;
        } else {
            made += s[i];
        }
    }
    return made;
}

std::string address::protocol() const {
    switch (how) {
    case way::https:
        return "https";
    case way::http:
        return "http";
    case way::ssh:
        return "ssh";
    case way::local:
        return "file";
    }
    return "none";
}

outcome<address> read_address(const remote& where) {
    const auto& text = where.url;
    if (text.empty()) return refuse("No repository was given: set GIT_REMOTE_URL, or name one with --repo.");
    if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return refuse("The address of the repository holds control characters.");
    auto scheme_end = text.find("://");
    auto colon = text.find(':');
    if (scheme_end == std::string::npos) {
        std::error_code ec;
        bool remote_form = colon != std::string::npos && colon < text.find('/') && !fs::exists(text, ec);
        if (!remote_form) return read_path(text);
        auto helper = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
        if (text.compare(colon, 2, "::") == 0 && std::ranges::all_of(std::string_view(text).substr(0, colon), helper))
            return refuse("Remote helpers (name::address) are not used: give an https or ssh address, or a path.");
        return read_scp_form(text);
    }
    std::string scheme = text.substr(0, scheme_end);
    std::ranges::transform(scheme, scheme.begin(), [](unsigned char c) { return std::tolower(c); });
    auto rest = std::string_view(text).substr(scheme_end + 3);
    if (scheme == "https" || scheme == "http") return read_web(scheme, rest, where);
    if (scheme == "file") {
        if (rest.starts_with("localhost/")) rest.remove_prefix(std::string_view("localhost").size());
        if (!rest.starts_with('/')) return refuse("A file:// address names no host: file:///path/to/repository.");
        return read_path(unescaped(rest));
    }
    if (scheme == "ssh" || scheme == "git+ssh" || scheme == "ssh+git") return read_ssh_url(rest);
    return refuse(
        fmt::format("{}:// is not spoken: give an https or ssh address, or a path.", persais::text::printable(scheme)));
}

outcome<address> read_reachable(const remote& where) {
    auto at = read_address(where);
    if (!at || !at->ssh()) return at;
    if (auto means = has_ssh_means(*at, where); !means) return std::unexpected(means.error());
    return at;
}

outcome<void> acceptable(const remote& where) {
    auto at = read_reachable(where);
    if (!at) return std::unexpected(at.error());
    return {};
}

std::string_view askpass_script() {
    // git's question names the place it wants to log in to: "Password for 'https://user@host:port': ".
    return "#!/bin/sh\n"
           "case \"$1\" in\n"
           "*\" '${PERSAIS_GIT_ORIGIN}'\"* | *\" '${PERSAIS_GIT_ORIGIN%%://*}://\"*\"@${PERSAIS_GIT_ORIGIN#*://}'\"*) "
           ";;\n"
           "*) exit 1 ;;\n"
           "esac\n"
           "case \"$1\" in\n"
           "Username*) printf '%s\\n' \"$PERSAIS_GIT_USER\" ;;\n"
           "*) printf '%s\\n' \"$PERSAIS_GIT_TOKEN\" ;;\n"
           "esac\n";
}

std::vector<std::string> remote_environment(const address& at, const remote& where, const fs::path& askpass) {
    std::vector<std::string> entries;
    if (at.local() || at.ssh()) return entries;
    if (!where.ca_file.empty()) entries.push_back("GIT_SSL_CAINFO=" + where.ca_file);
    if (!where.token.empty()) {
        entries.push_back("GIT_ASKPASS=" + askpass.string());
        entries.push_back("PERSAIS_GIT_ORIGIN=" + at.origin);
        entries.push_back("PERSAIS_GIT_USER=" + at.user);
        entries.push_back("PERSAIS_GIT_TOKEN=" + where.token);
    }
    return entries;
}

std::vector<std::string> remote_settings(const address& at, const remote& where) {
    if (at.local() || at.ssh()) return {};
    // A server that sends nothing for two minutes is gone (git's own keep-alive is every 5 s).
    std::vector<std::string> settings{"http.lowSpeedLimit=1", "http.lowSpeedTime=120"};
    // With a token no redirect is followed: it must not travel to where a server points.
    settings.emplace_back(where.token.empty() ? "http.followRedirects=initial" : "http.followRedirects=false");
    return settings;
}

std::string folder_name(const remote& where) {
    auto at = read_address(where);
    std::string whole = at ? at->url : where.url;
    std::string tail;
    for (unsigned char c : whole.substr(std::min(whole.size(), whole.find("://") + 1)))
        tail += std::isalnum(c) || c == '.' ? static_cast<char>(std::tolower(c)) : '-';
    if (tail.size() > 40) tail = tail.substr(tail.size() - 40);
    tail.erase(0, tail.find_first_not_of("-."));
    return fmt::format("{}-{}", tail.empty() ? "remote" : tail, hash_of(whole));
}

} // namespace persais::git
