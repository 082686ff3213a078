#include "service/remote_tokens.hpp"

#include "forge/place.hpp"

namespace persais::service {

secret remote_tokens::given(const std::string& url) const {
    auto found = by_url_.find(url);
    return found == by_url_.end() ? secret() : found->second.token;
}

secret remote_tokens::of(const std::string& url) const {
    if (auto own = given(url); !own.empty()) return own;
    auto lent = lent_.find(url);
    return lent == lent_.end() ? secret() : lent->second;
}

std::optional<std::string> remote_tokens::forge_of(const std::string& url) const {
    auto found = by_url_.find(url);
    return found == by_url_.end() ? std::nullopt : found->second.forge;
}

bool remote_tokens::replace(std::map<std::string, own> all) {
    bool other = false;
    for (const auto& [url, each] : all)
        other = other || !(given(url) == each.token);
    by_url_ = std::move(all);
    return other;
}

git::remote remote_at(const std::string& url, const config::settings& s, const remote_tokens& own) {
    git::remote where{.url = url, .ca_file = s.git_ssl_cainfo, .known_hosts = s.git_ssh_known_hosts};
    where.token_user = forge::token_user(url, own.forge_of(url).value_or(s.forge));
    if (git::same_host(url, s.git_remote_url)) {
        where.token = s.git_access_token;
        where.ssh_key = s.git_ssh_key;
    }
    if (auto token = own.of(url); !token.empty()) where.token = std::move(token);
    return where;
}

secret token_for_api(const std::string& url, const std::string& api, const std::string& usual,
                     const config::settings& settings, const remote_tokens& own) {
    return git::same_host(api, usual) ? remote_at(url, settings, own).token : own.given(url);
}

std::string task_ref(task_id id) {
    return "refs/persais/tasks/" + id.str();
}

} // namespace persais::service
