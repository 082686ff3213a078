#pragma once
#include "base/ids.hpp"
#include "config/settings.hpp"
#include "git/git.hpp"

#include <map>

namespace persais::service {

/// Tokens of repositories that were added in a chat. Each is sent only to its own address.
class remote_tokens {
public:
    void keep(const std::string& url, secret token) { by_url_[url] = std::move(token); }
    /// Empty: there is none.
    secret of(const std::string& url) const;

private:
    std::map<std::string, secret> by_url_;
};

/// A remote with the credentials that it may receive: its own token, else the token and the key in the settings, and
/// these only at the host of GIT_REMOTE_URL.
git::remote remote_at(const std::string& url, const config::settings& settings, const remote_tokens& own = {});

/// The prefix of the refs under which the mirror keeps a task's work.
std::string task_ref(task_id id);

} // namespace persais::service
