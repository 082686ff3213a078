#include "telegram/web_place.hpp"

#include <fmt/format.h>

namespace persais::telegram {

namespace {

struct split {
    std::string_view scheme, host, path; // host with its port, path without slashes around it
};

std::optional<split> read(std::string_view remote) {
    split s{.scheme = "https"};
    if (auto at = remote.find("://"); at != remote.npos) {
        s.scheme = remote.substr(0, at);
        if (s.scheme != "https" && s.scheme != "http" && s.scheme != "ssh") return std::nullopt;
        remote.remove_prefix(at + 3);
        auto slash = remote.find('/');
        if (slash == remote.npos) return std::nullopt;
        s.host = remote.substr(0, slash);
        s.path = remote.substr(slash + 1);
    } else { // git@host:owner/name
        auto colon = remote.find(':');
        if (colon == remote.npos || remote.substr(0, colon).find('/') != remote.npos) return std::nullopt;
        s.host = remote.substr(0, colon);
        s.path = remote.substr(colon + 1);
        s.scheme = "ssh";
    }
    if (auto at = s.host.rfind('@'); at != s.host.npos) s.host.remove_prefix(at + 1);
    if (s.scheme == "ssh") s.host = s.host.substr(0, s.host.find(':')); // its port is no browser's
    s.path = s.path.substr(0, s.path.find_first_of("?#"));
    while (s.path.starts_with('/'))
        s.path.remove_prefix(1);
    while (s.path.ends_with('/'))
        s.path.remove_suffix(1);
    if (s.path.ends_with(".git")) s.path.remove_suffix(4);
    if (s.host.empty() || s.path.empty()) return std::nullopt;
    return s;
}

web_place::kind kind_of(std::string_view host) {
    if (host == "github.com") return web_place::kind::github;
    if (host == "gitlab.com") return web_place::kind::gitlab;
    if (host == "codeberg.org" || host == "gitea.com") return web_place::kind::gitea;
    return web_place::kind::none;
}

std::string escaped(std::string_view branch) {
    std::string out;
    for (char c : branch) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     std::string_view("-._~/").contains(c);
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

} // namespace

web_place web_place_of(std::string_view remote, web_place::kind known) {
    auto s = read(remote);
    if (!s) return {};
    auto what = kind_of(s->host);
    if (what == web_place::kind::none) what = known;
    if (what == web_place::kind::none) return {};
    return {what, fmt::format("{}://{}/{}", s->scheme == "http" ? "http" : "https", s->host, escaped(s->path))};
}

std::string branch_address(const web_place& at, std::string_view branch) {
    switch (at.what) {
    case web_place::kind::github:
        return fmt::format("{}/tree/{}", at.address, escaped(branch));
    case web_place::kind::gitlab:
        return fmt::format("{}/-/tree/{}", at.address, escaped(branch));
    case web_place::kind::gitea:
        return fmt::format("{}/src/branch/{}", at.address, escaped(branch));
    case web_place::kind::none:
        break;
    }
    return {};
}

std::string short_name(std::string_view remote) {
    if (auto s = read(remote)) {
        auto last = s->path.rfind('/');
        auto owner = last == s->path.npos || last == 0 ? s->path.npos : s->path.rfind('/', last - 1);
        return std::string(s->path.substr(owner == s->path.npos ? 0 : owner + 1));
    }
    while (remote.ends_with('/'))
        remote.remove_suffix(1);
    if (remote.ends_with(".git")) remote.remove_suffix(4);
    return std::string(remote.substr(remote.rfind('/') + 1));
}

} // namespace persais::telegram
