#include "service/remotes.hpp"

#include "base/temp_dir.hpp"
#include "git/probe.hpp"
#include "service/remote_tokens.hpp"

namespace persais::service {

awaitable<remote_verdict> git_remotes::look_at(std::string url, secret token) {
    auto remote = remote_at(url, settings_);
    if (!token.empty()) remote.token = token;
    temp_dir folder;
    remote_verdict verdict;
    auto seen = co_await git::look_at(folder.path(), remote);
    if (!seen)
        verdict.cannot_read = seen.error().sentence;
    else if (auto pushed = co_await git::rehearse_push(folder.path(), remote); !pushed)
        verdict.cannot_push = pushed.error().sentence;
    co_return verdict;
}

answer<void> acceptable(const std::string& remote, const config::settings& settings) {
    auto where = remote_at(remote, settings);
    if (remote == settings.git_remote_url) { // it may also be a path, which has no host
        where.token = settings.git_access_token;
        where.ssh_key = settings.git_ssh_key;
    }
    if (auto ok = git::acceptable(where); !ok) return refuse(refusal::reason::bad_remote, ok.error().sentence);
    return {};
}

} // namespace persais::service
