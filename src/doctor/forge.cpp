#include "doctor/forge.hpp"

#include "config/checks.hpp"

#include <algorithm>
#include <cctype>

namespace persais::doctor {

namespace {

struct place {
    std::string host; // with its port
    std::string path;
};

/// https://[user@]host[:port]/path, ssh://…, user@host:path.
std::optional<place> read(std::string_view url) {
    auto scheme = url.find("://");
    auto rest = scheme == url.npos ? url : url.substr(scheme + 3);
    auto end = rest.find_first_of(scheme == url.npos ? ":" : "/");
    if (end == rest.npos || url.starts_with("file:") || url.starts_with('/') || url.starts_with('.'))
        return std::nullopt;
    auto host = rest.substr(0, end);
    if (auto sign = host.rfind('@'); sign != host.npos) host.remove_prefix(sign + 1);
    // An ssh port says nothing about the API's.
    if (!url.starts_with("http")) host = host.substr(0, host.find(':'));
    auto path = rest.substr(end + 1);
    while (path.ends_with('/'))
        path.remove_suffix(1);
    if (path.ends_with(".git")) path.remove_suffix(4);
    while (path.starts_with('/'))
        path.remove_prefix(1);
    std::string lower(host);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (lower.empty() || path.find('/') == path.npos) return std::nullopt;
    return place{lower, std::string(path)};
}

std::optional<forge::kind> kind_of(const std::string& named, const std::string& host) {
    using enum forge::kind;
    if (named == "github") return github;
    if (named == "gitlab") return gitlab;
    if (named == "gitea") return gitea;
    if (!named.empty()) return std::nullopt;
    if (host == "github.com") return github;
    if (host == "gitlab.com" || host.starts_with("gitlab.")) return gitlab;
    if (host == "codeberg.org" || host.starts_with("gitea.")) return gitea;
    return std::nullopt;
}

} // namespace

std::optional<forge> forge_of(const config::settings& s) {
    auto where = read(s.git_remote_url);
    if (!where) return std::nullopt;
    auto what = kind_of(s.forge, where->host);
    if (!what) return std::nullopt;
    std::string given, usual;
    switch (*what) {
    case forge::kind::github:
        given = s.github_api_url;
        usual = where->host == "github.com" ? "https://api.github.com" : "https://" + where->host + "/api/v3";
        break;
    case forge::kind::gitlab:
        given = s.gitlab_api_url;
        usual = "https://" + where->host + "/api/v4";
        break;
    case forge::kind::gitea:
        given = s.gitea_api_url;
        usual = "https://" + where->host + "/api/v1";
        break;
    }
    if (!given.empty() && config::is_open_http(given)) return std::nullopt;
    auto api = given.empty() ? usual : given;
    while (api.ends_with('/'))
        api.pop_back();
    return forge{*what, api, where->path};
}

} // namespace persais::doctor
