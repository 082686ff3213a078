#pragma once
#include "doctor/subject.hpp"
#include "forge/github_app.hpp"
#include "git/git.hpp"

namespace persais::doctor {

/// GIT_REMOTE_URL with the credentials that may be sent to it.
git::remote remote_of(const config::settings& s);

/// The forge of GIT_REMOTE_URL. nullopt: the remote is at none, or the token would be sent unencrypted.
std::optional<forge::place> forge_of(const config::settings& s);
/// GIT_ACCESS_TOKEN, else one that the GitHub App of the settings gets now; empty: there is neither.
awaitable<result<secret, forge::no_app_token>> token_for_remote(subject& of);

} // namespace persais::doctor
