#pragma once
#include "base/ids.hpp"
#include "config/settings.hpp"
#include "git/git.hpp"

#include <map>

namespace persais::service {

/// Tokens of repositories that were added by people (known_repositories.hpp). Each is sent only to its own address.
class remote_tokens {
public:
    struct own {
        secret token;                          // empty: there is none
        std::optional<std::string> forge = {}; // as FORGE; nullopt: that of the settings
    };
    void keep(const std::string& url, secret token) { by_url_[url].token = std::move(token); }
    /// A token that a GitHub App has for a while. It is used where people gave none, and outlasts `replace`.
    void lend(const std::string& url, secret token) { lent_[url] = std::move(token); }
    /// From now on these are all of people's. True: some token is another one than before.
    bool replace(std::map<std::string, own> all);
    /// The one that people gave for this address alone; empty: there is none.
    secret given(const std::string& url) const;
    /// That, else the lent one; empty: there is none.
    secret of(const std::string& url) const;
    /// FORGE of this repository, where it has its own.
    std::optional<std::string> forge_of(const std::string& url) const;

private:
    std::map<std::string, own> by_url_;
    std::map<std::string, secret> lent_;
};

/// A remote with the credentials that it may receive: its own token, else the token and the key in the settings, and
/// these only at the host of GIT_REMOTE_URL.
git::remote remote_at(const std::string& url, const config::settings& settings, const remote_tokens& own = {});

/// The token that may go to an API whose address was set for this repository, where `usual` is the API of its host: at
/// another host only one that was given for the repository, because whoever set the address may not see the others.
secret token_for_api(const std::string& url, const std::string& api, const std::string& usual,
                     const config::settings& settings, const remote_tokens& own);

/// The prefix of the refs under which the mirror keeps a task's work.
std::string task_ref(task_id id);

} // namespace persais::service
