#include "worker/requests_of.hpp"

#include "base/async.hpp"
#include "base/told.hpp"
#include "forge/clients.hpp"
#include "worker/limits.hpp"

namespace persais::worker {

namespace {

struct reached {
    std::optional<forge::place> at;
    secret token; // that may go there
};

reached reached_at_forge(const dependencies& with, const std::string& remote) {
    const auto& s = with.settings;
    auto own = service::repository_at(with.repositories, remote);
    auto at = forge::place_of(remote, service::forge_of(own.get(), s));
    auto token = service::remote_at(remote, s, with.tokens).token;
    if (at && own && own->api) {
        auto there = forge::with_api(*at, *own->api);
        if (there) token = service::token_for_api(remote, there->api, at->api, s, with.tokens);
        return {there, token};
    }
    // An address that was set is that of the repository in the settings: another host's token does not go there.
    if (!at || !git::same_host(remote, s.git_remote_url)) return {at, token};
    switch (at->kind) {
    case forge::kind::github:
        return {forge::with_api(*at, s.github_api_url), token};
    case forge::kind::gitlab:
        return {forge::with_api(*at, s.gitlab_api_url), token};
    case forge::kind::gitea:
        return {forge::with_api(*at, s.gitea_api_url), token};
    }
    return {at, token};
}

forge::fetcher fetcher_of(const dependencies& with) {
    return [&web = with.web](http::fetch_spec ask) { return web.fetch(std::move(ask), limits::forge_bytes); };
}

} // namespace

result<std::unique_ptr<forge::requests>> requests_of(const dependencies& with, const std::string& remote,
                                                     std::string_view setting) {
    auto [at, token] = reached_at_forge(with, remote);
    auto made = at ? forge::make_requests(*at, token, fetcher_of(with)) : nullptr;
    if (!made)
        return fail(told<"{} needs a repository at GitHub, GitLab, Gitea or Forgejo: {} is none that FORGE and "
                         "GITHUB_API_URL, GITLAB_API_URL or GITEA_API_URL make one.",
                         "{} работает с репозиторием на GitHub, GitLab, Gitea или Forgejo: по FORGE и "
                         "GITHUB_API_URL, GITLAB_API_URL или GITEA_API_URL {} — не он.">(setting, remote));
    if (token.empty())
        return fail(
            told<"{} needs a token for the API of {}: GIT_ACCESS_TOKEN, or `persais repo token` where the repository's "
                 "API is at another host.",
                 "Для {} нужен токен для API {}: GIT_ACCESS_TOKEN или, если API репозитория на другом хосте, `persais "
                 "repo token`.">(setting, made->name()));
    return made;
}

std::unique_ptr<forge::conversations> conversations_of(const dependencies& with, const std::string& remote) {
    auto [at, token] = reached_at_forge(with, remote);
    return at && !token.empty() ? forge::make_conversations(*at, token, fetcher_of(with)) : nullptr;
}

awaitable<std::string> archived_at_forge(const dependencies& with, std::string remote) {
    auto [at, token] = reached_at_forge(with, remote);
    if (!at || token.empty()) co_return std::string();
    try {
        auto client = forge::make_client(*at, token, fetcher_of(with));
        auto seen = co_await with_deadline(limits::archive_answer, client->look());
        if (!seen || !seen->archived) co_return std::string();
    } catch (const deadline_passed&) {
        co_return std::string();
    }
    co_return told<"{} has {} in its archive: nothing can be pushed there. Unarchive it, or name another repository.",
                   "{} держит {} в архиве: отправить туда ничего нельзя. Верните его из архива или назовите другой "
                   "репозиторий.">(forge::name_of(at->kind), at->path);
}

} // namespace persais::worker
