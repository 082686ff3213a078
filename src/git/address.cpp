#include "git/address.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "git/address_ssh.hpp"
#include "git/scp_form.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

#include <fmt/format.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

std::unexpected<failure> refuse(std::string sentence, error_kind kind = error_kind::refused_url) {
    return std::unexpected(failure{kind, std::move(sentence)});
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
        return refuse(told<"{}: this user may not look there.", "{}: этому пользователю нельзя туда смотреть.">(shown),
                      error_kind::no_read);
    if (ec)
        return refuse(told<"There is no repository at {}: the path does not exist.",
                           "По адресу {} нет репозитория: такого пути не существует.">(shown),
                      error_kind::not_found);
    if (!a_repository(path))
        return refuse(
            told<"{} is no git repository: give the folder that holds .git, or a bare repository.",
                 "{} — не репозиторий git: укажите папку, в которой лежит .git, или bare-репозиторий.">(shown),
            error_kind::not_found);
    return address{.how = address::way::local, .url = path.string(), .shown = persais::text::printable(path.string())};
}

outcome<address> read_web(const std::string& scheme, const url_parts& url, const remote& where) {
    address at;
    at.how = scheme == "https" ? address::way::https : address::way::http;
    auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::strchr(".-_:[]", c); };
    if (url.host.empty() || url.host.front() == '-' || !std::ranges::all_of(url.host_and_port, good) ||
        url.path.find_first_of(" \\\"<>^`{|}") != url.path.npos)
        return refuse(
            told<"The address of the repository is no well-formed URL.", "Адрес репозитория — неправильный URL.">());
    at.origin = fmt::format("{}://{}", scheme, url.host_and_port);
    at.shown = at.origin + persais::text::printable(url.path);
    if (url.password)
        return refuse(told<"The address of {} holds a password; take it out and give it as GIT_ACCESS_TOKEN.",
                           "В адресе {} есть пароль; уберите его оттуда и задайте в GIT_ACCESS_TOKEN.">(at.shown));
    if (url.query || url.fragment)
        return refuse(
            told<"The address of {} has a query or fragment; give the plain clone address.",
                 "В адресе {} есть параметры или фрагмент; задайте простой адрес для клонирования.">(at.shown));
    if (at.how == address::way::http && !where.token.empty() && !is_loopback(url.host))
        return refuse(told<"{} is plain http, which would show the token to the network; use https.",
                           "{} — это http, по которому токен был бы виден в сети; возьмите https.">(at.shown));
    auto user = url.user.value_or("");
    at.user = user.empty() ? where.token_user : percent_decoded(user);
    at.url = fmt::format("{}://{}{}{}{}", scheme, user, user.empty() ? "" : "@", url.host_and_port, url.path);
    while (at.url.ends_with('/'))
        at.url.pop_back();
    return at;
}

std::string hash_of(std::string_view s) {
    return to_hex(sha256(s).substr(0, 6));
}

} // namespace

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
    if (text.empty())
        return refuse(told<"No repository was given: set GIT_REMOTE_URL, or name one with --repo.",
                           "Репозиторий не указан: задайте GIT_REMOTE_URL или назовите его в --repo.">());
    if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return refuse(told<"The address of the repository holds control characters.",
                           "В адресе репозитория есть управляющие символы.">());
    auto url = cut_url(text);
    if (!url) {
        auto colon = text.find(':');
        std::error_code ec;
        bool remote_form = colon != std::string::npos && colon < text.find('/') && !fs::exists(text, ec);
        if (!remote_form) return read_path(text);
        if (names_a_helper(text))
            return refuse(told<"Remote helpers (name::address) are not used: give an https or ssh address, or a path.",
                               "Помощники git (имя::адрес) не используются: задайте адрес https или ssh либо путь.">());
        return read_scp_form(text);
    }
    auto scheme = lower_case(url->scheme);
    if (scheme == "https" || scheme == "http") return read_web(scheme, *url, where);
    if (scheme == "file") {
        bool here = url->authority.empty() || url->authority == "localhost";
        if (!here || !url->after_authority.starts_with('/'))
            return refuse(told<"A file:// address names no host: file:///path/to/repository.",
                               "В адресе file:// нет хоста: file:///путь/к/репозиторию.">());
        return read_path(percent_decoded(url->after_authority));
    }
    if (scheme == "ssh" || scheme == "git+ssh" || scheme == "ssh+git") return read_ssh_url(*url);
    return refuse(
        told<"{}:// is not spoken: give an https or ssh address, or a path.",
             "{}:// не поддерживается: задайте адрес https или ssh либо путь.">(persais::text::printable(scheme)));
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
    // git's question contains the place that it logs in to: "Password for 'https://user@host:port': ".
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
    }
    return entries;
}

std::vector<std::pair<std::string, secret>> remote_secrets(const address& at, const remote& where) {
    if (at.local() || at.ssh() || where.token.empty()) return {};
    return {{"PERSAIS_GIT_TOKEN", where.token}};
}

std::vector<std::string> remote_settings(const address& at, const remote& where) {
    if (at.local() || at.ssh()) return {};
    // A server that sends nothing for two minutes is considered dead (git's own keep-alive is every 5 s).
    std::vector<std::string> settings{"http.lowSpeedLimit=1", "http.lowSpeedTime=120"};
    // With a token no redirect is followed, because the token must not be sent to where a server points.
    settings.emplace_back(where.token.empty() ? "http.followRedirects=initial" : "http.followRedirects=false");
    return settings;
}

std::string folder_name(const remote& where) {
    auto at = read_address(where);
    std::string whole = at ? at->url : where.url;
    auto url = cut_url(whole);
    return folder_name(url ? whole.substr(url->scheme.size()) : whole, whole);
}

std::string folder_name(std::string_view readable, std::string_view whole) {
    std::string tail;
    for (unsigned char c : readable)
        tail += std::isalnum(c) || c == '.' ? static_cast<char>(std::tolower(c)) : '-';
    if (tail.size() > 40) tail = tail.substr(tail.size() - 40);
    tail.erase(0, tail.find_first_not_of("-."));
    return fmt::format("{}-{}", tail.empty() ? "remote" : tail, hash_of(whole));
}

} // namespace persais::git
