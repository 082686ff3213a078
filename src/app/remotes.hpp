#pragma once
#include "config/settings.hpp"
#include "git/git.hpp"

namespace persais::app {

/// A remote with what it may be given: the token and the key of the settings only at the host of GIT_REMOTE_URL.
git::remote remote_at(const std::string& url, const config::settings& settings);

} // namespace persais::app
