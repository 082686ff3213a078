#pragma once
#include "config/settings.hpp"
#include "git/git.hpp"
#include "service/refusal.hpp"

#include <functional>
#include <string>

namespace persais::service {

/// What a look at a remote came to: empty, or a sentence of why it cannot be read, or not be pushed to.
struct remote_verdict {
    std::string cannot_read;
    std::string cannot_push;
};

/// The remotes of repositories that people add; an interface because it needs the network.
class remotes {
public:
    virtual ~remotes() = default;
    /// Reads it and rehearses a push, as doctor does, with the token that is given, else with what the settings have
    /// for it.
    virtual awaitable<remote_verdict> look_at(std::string remote, secret token) = 0;
    /// A token is there for this address from now on.
    virtual void keep_token(const std::string& remote, const secret& token) = 0;
};

class git_remotes final : public remotes {
public:
    using keeper = std::function<void(const std::string& remote, const secret& token)>;
    /// `settings` outlives it.
    git_remotes(const config::settings& settings, keeper keep) : settings_(settings), keep_(std::move(keep)) {}
    awaitable<remote_verdict> look_at(std::string remote, secret token) override;
    void keep_token(const std::string& remote, const secret& token) override { keep_(remote, token); }

private:
    const config::settings& settings_;
    keeper keep_;
};

/// Whether git may be given this address with what the settings hold for it: its form alone is looked at.
answer<void> acceptable(const std::string& remote, const config::settings& settings);

} // namespace persais::service
