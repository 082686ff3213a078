#include "forge/place.hpp"

#include "base/encoding.hpp"
#include "base/url.hpp"
#include "git/scp_form.hpp"

#include <fmt/format.h>

namespace persais::forge {

namespace {

struct repository {
    bool ssh = false;
    bool plain_http = false;
    std::string host; // lower case; with its port, except for ssh
    std::string path; // not percent-encoded, without slashes at its ends and without .git
};

/// The hosts that take ssh at port 443 have no pages of their own.
std::string web_host(std::string_view ssh_host) {
    auto host = lower_case(ssh_host);
    if (host == "ssh.github.com") return "github.com";
    if (host == "altssh.gitlab.com") return "gitlab.com";
    return host;
}

std::string tidy(std::string path) {
    while (path.ends_with('/'))
        path.pop_back();
    if (path.ends_with(".git")) path.resize(path.size() - 4);
    path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
    return path;
}

std::optional<repository> read(std::string_view remote) {
    repository r;
    if (auto url = cut_url(remote)) {
        auto scheme = lower_case(url->scheme);
        r.ssh = scheme == "ssh" || scheme == "git+ssh" || scheme == "ssh+git";
        r.plain_http = scheme == "http";
        if (!r.ssh && !r.plain_http && scheme != "https") return std::nullopt;
        r.host = r.ssh ? web_host(url->host) : lower_case(url->host_and_port);
        r.path = tidy(percent_decoded(url->path));
    } else if (auto scp = git::cut_scp_form(remote)) {
        r.ssh = true;
        r.host = web_host(cut_authority(scp->authority).host);
        r.path = tidy(std::string(scp->path));
    }
    if (r.host.empty() || r.path.empty()) return std::nullopt;
    return r;
}

std::optional<kind> public_host(std::string_view host) {
    if (host == "github.com" || host.ends_with(".ghe.com")) return kind::github;
    if (host == "gitlab.com") return kind::gitlab;
    if (host == "codeberg.org" || host == "gitea.com") return kind::gitea;
    return std::nullopt;
}

std::optional<kind> guess(std::string_view host) {
    if (host.starts_with("github.")) return kind::github;
    if (host.starts_with("gitlab.")) return kind::gitlab;
    if (host.starts_with("gitea.") || host.starts_with("forgejo.")) return kind::gitea;
    return std::nullopt;
}

std::optional<kind> kind_of(std::string_view host, std::string_view setting) {
    if (setting == "none") return std::nullopt;
    auto name = cut_authority(host).host;
    if (auto known = public_host(name)) return known;
    if (setting == "github") return kind::github;
    if (setting == "gitlab") return kind::gitlab;
    if (setting == "gitea") return kind::gitea;
    return guess(name);
}

std::string api_of(kind what, const std::string& scheme, const std::string& host) {
    switch (what) {
    case kind::github:
        if (host == "github.com" || host.ends_with(".ghe.com")) return fmt::format("https://api.{}", host);
        return fmt::format("{}://{}/api/v3", scheme, host);
    case kind::gitlab:
        return fmt::format("{}://{}/api/v4", scheme, host);
    case kind::gitea:
        return fmt::format("{}://{}/api/v1", scheme, host);
    }
    return {};
}

} // namespace

std::string_view name_of(kind what) {
    switch (what) {
    case kind::github:
        return "GitHub";
    case kind::gitlab:
        return "GitLab";
    case kind::gitea:
        return "Gitea";
    }
    return {};
}

std::optional<place> place_of(std::string_view remote, std::string_view setting) {
    auto r = read(remote);
    if (!r || !r->path.contains('/')) return std::nullopt;
    auto what = kind_of(r->host, setting);
    if (!what) return std::nullopt;
    // The token that is sent to the API must not be sent unencrypted.
    bool open = r->plain_http && !is_loopback(cut_authority(r->host).host);
    return place{
        *what,
        fmt::format("{}://{}/{}", r->plain_http ? "http" : "https", r->host, percent_encoded(r->path, path_characters)),
        api_of(*what, r->plain_http && !open ? "http" : "https", r->host), r->path};
}

std::string branch_page(const place& at, std::string_view branch) {
    auto name = percent_encoded(branch, path_characters);
    switch (at.kind) {
    case kind::github:
        return fmt::format("{}/tree/{}", at.web, name);
    case kind::gitlab:
        return fmt::format("{}/-/tree/{}", at.web, name);
    case kind::gitea:
        return fmt::format("{}/src/branch/{}", at.web, name);
    }
    return {};
}

namespace {

/// The last folders of a path, at most so many, as whoever opens it finds them: without those that name nothing, and
/// without those that a `..` leaves again.
std::string last_folders(std::string_view path, std::size_t most) {
    std::vector<std::string_view> folders;
    while (!path.empty()) {
        auto one = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(one.size() + 1, path.size()));
        if (one == "..") {
            if (!folders.empty()) folders.pop_back();
        } else if (!one.empty() && one != ".") {
            folders.push_back(one);
        }
    }
    auto first = folders.size() > most ? folders.end() - static_cast<std::ptrdiff_t>(most) : folders.begin();
    return fmt::format("{}", fmt::join(first, folders.end(), "/"));
}

} // namespace

std::string short_name(std::string_view remote) {
    if (auto r = read(remote)) return last_folders(r->path, 2);
    return last_folders(tidy(std::string(remote)), 1);
}

std::string token_user(std::string_view remote, std::string_view setting) {
    auto r = read(remote);
    auto what = r ? kind_of(r->host, setting) : std::nullopt;
    if (what == kind::github) return "x-access-token";
    if (what == kind::gitlab) return "oauth2";
    return "git";
}

} // namespace persais::forge
