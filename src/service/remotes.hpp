#pragma once
#include "config/settings.hpp"
#include "git/git.hpp"
#include "service/refusal.hpp"

#include <functional>
#include <string>

namespace persais::service {

/// The result of checking a remote: empty, or a sentence that says why it cannot be read or pushed to.
struct remote_verdict {
    std::string cannot_read;
    std::string cannot_push;
};

/// The remotes of repositories that people add; an interface because checking them needs the network.
class remotes {
public:
    virtual ~remotes() = default;
    /// Reads the remote and rehearses a push, as `persais doctor` does, with the given token, else with what the
    /// settings have for it.
    virtual awaitable<remote_verdict> look_at(std::string remote, secret token) = 0;
    /// Stores the token for this address, for later use.
    virtual void keep_token(const std::string& remote, const secret& token) = 0;
};

class git_remotes final : public remotes {
public:
    using keeper = std::function<void(const std::string& remote, const secret& token)>;
    /// `settings` must outlive this object.
    git_remotes(const config::settings& settings, keeper keep) : settings_(settings), keep_(std::move(keep)) {}
    awaitable<remote_verdict> look_at(std::string remote, secret token) override;
    void keep_token(const std::string& remote, const secret& token) override { keep_(remote, token); }

private:
    const config::settings& settings_;
    keeper keep_;
};

/// Whether this address may be passed to git, with the credentials of the settings; only its form is checked.
answer<void> acceptable(const std::string& remote, const config::settings& settings);

} // namespace persais::service
