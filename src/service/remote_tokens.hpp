#pragma once
#include "base/ids.hpp"
#include "config/settings.hpp"
#include "git/git.hpp"

#include <map>

namespace persais::service {

/// Tokens of repositories that were added in a chat. Each is for its own address, and sent nowhere else.
class remote_tokens {
public:
    void keep(const std::string& url, secret token) { by_url_[url] = std::move(token); }
    /// Empty: there is none.
    secret of(const std::string& url) const;

private:
    std::map<std::string, secret> by_url_;
};

/// A remote with what it may be given: its own token, else the token and the key of the settings at the host of
/// GIT_REMOTE_URL only.
git::remote remote_at(const std::string& url, const config::settings& settings, const remote_tokens& own = {});

/// Where a task's work is kept in the mirror: refs below this name.
std::string task_ref(task_id id);

} // namespace persais::service
