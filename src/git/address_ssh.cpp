// Addresses that are reached by ssh. Their user and host become arguments of ssh, so both may contain plain characters
// only: `-oProxyCommand=…` as a host once executed programs (CVE-2017-1000117).
#include "base/private_key.hpp"
#include "git/address_ssh.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "git/scp_form.hpp"
#include "git/ssh_settings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

namespace persais::git {
namespace {

std::unexpected<failure> refuse(std::string sentence) {
    return std::unexpected(failure{error_kind::refused_url, std::move(sentence)});
}

bool plain(std::string_view word, std::string_view also) {
    return !word.empty() && word.front() != '-' && std::ranges::all_of(word, [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || also.find(c) != also.npos;
    });
}

/// `written` is "[2001:db8::1]" or a name; the result has no brackets, as ssh and known_hosts require it.
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

/// Parses [user@]host[:port].
outcome<place> read_place(std::string_view authority) {
    constexpr auto wrong = told_view<"The ssh address of the repository is not well-formed: write ssh://git@host/path, "
                                     "ssh://git@host:port/path or git@host:path.",
                                     "Адрес ssh репозитория записан неправильно: пишите ssh://git@хост/путь, "
                                     "ssh://git@хост:порт/путь или git@хост:путь.">();
    auto cut = cut_authority(authority);
    if (cut.password)
        return refuse(
            told<"The ssh address of the repository holds a password; ssh is by key only: take it out and give "
                 "GIT_SSH_KEY.",
                 "В адресе ssh репозитория есть пароль, а ssh работает только по ключу: уберите его и задайте "
                 "GIT_SSH_KEY.">());
    if (cut.user && !plain(*cut.user, "._-+~")) return refuse(std::string(wrong));
    place found;
    // Forges have one ssh user, and the account name that a service runs under means nothing to any host.
    found.user = cut.user.value_or("git");
    if (cut.port) {
        auto digits = *cut.port;
        auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), found.port);
        if (ec != std::errc() || end != digits.data() + digits.size() || found.port < 1 || found.port > 65535)
            return refuse(std::string(wrong));
    }
    auto host = host_in(cut.host);
    if (!host) return refuse(std::string(wrong));
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

constexpr auto no_path =
    told_view<"The ssh address of the repository names no path: write ssh://git@host/path or git@host:path.",
              "В адресе ssh репозитория нет пути: пишите ssh://git@хост/путь или git@хост:путь.">();

} // namespace

outcome<address> read_ssh_url(const url_parts& url) {
    auto where = read_place(url.authority);
    if (!where) return std::unexpected(where.error());
    auto path = url.after_authority;
    while (path.ends_with('/'))
        path.remove_suffix(1);
    // git itself decodes the escapes of such a path.
    if (!path.starts_with('/') || has_control(percent_decoded(path))) return refuse(std::string(no_path));
    auto port = where->port == ssh_port ? "" : fmt::format(":{}", where->port);
    return made_of(*where, fmt::format("ssh://{}@{}{}{}", where->user, in_url(where->host), port, path));
}

outcome<address> read_scp_form(std::string_view text) {
    auto cut = cut_scp_form(text);
    if (!cut)
        return refuse(
            told<"The address of the repository is no well-formed URL.", "Адрес репозитория — неправильный URL.">());
    auto where = read_place(cut->authority);
    if (!where) return std::unexpected(where.error());
    auto path = cut->path;
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    if (path.empty() || path == "/" || path.starts_with('-')) return refuse(std::string(no_path));
    auto port = where->port == ssh_port ? "" : fmt::format(":{}", where->port);
    auto authority = fmt::format("{}@{}{}", where->user, in_url(where->host), port);
    return made_of(*where, fmt::format("{}:{}", port.empty() ? authority : "[" + authority + "]", path));
}

outcome<void> has_ssh_means(const address& at, const remote& where) {
    auto key = tidy_key(where.ssh_key);
    if (key.empty())
        return refuse(told<"{} is reached by ssh, which needs a private key: give it as GIT_SSH_KEY (it is used "
                           "for the host of GIT_REMOTE_URL only), or use the https address.",
                           "К {} обращаются по ssh, для которого нужен закрытый ключ: задайте его в GIT_SSH_KEY (он "
                           "используется только для хоста из GIT_REMOTE_URL) или возьмите адрес https.">(at.shown));
    if (auto usable = usable_key(key); !usable) return refuse(usable.error());
    if (auto hosts = known_host_lines(where.known_hosts); !hosts) return refuse(hosts.error());
    return {};
}

} // namespace persais::git
