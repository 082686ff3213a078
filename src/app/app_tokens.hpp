#pragma once
#include "base/async.hpp"
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "forge/client.hpp"

#include <functional>
#include <string>

namespace persais::app {

/// As a GitHub App (GITHUB_APP_ID, GITHUB_APP_KEY) Persais has a token for an hour at a time: this has always one that
/// is good for half of that at least. What is passed in outlives it.
class app_tokens {
public:
    /// `keep` gets each new token, for the address of the repository. `said` gets a sentence whenever what prevents
    /// that changes; empty: nothing does any more.
    app_tokens(const config::settings& settings, const clock& time, forge::fetcher fetch,
               std::function<void(const std::string& remote, secret token)> keep,
               std::function<void(const std::string&)> said);

    /// Gets one now, when there is an App. Returns the time until the next one is wanted; nullopt: there is no App.
    awaitable<std::optional<std::chrono::nanoseconds>> renew();
    /// Goes on renewing, until it is cancelled.
    awaitable<void> run(std::optional<std::chrono::nanoseconds> first);
    /// The settings are other ones.
    void wake();

private:
    void say(std::string sentence);

    const config::settings& settings_;
    const clock& time_;
    forge::fetcher fetch_;
    std::function<void(const std::string&, secret)> keep_;
    std::function<void(const std::string&)> said_;
    std::string told_;
    std::optional<event> news_;
};

} // namespace persais::app
