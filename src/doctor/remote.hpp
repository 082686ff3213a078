#pragma once
#include "config/settings.hpp"
#include "git/git.hpp"

namespace persais::doctor {

/// GIT_REMOTE_URL with the credentials that may be sent to it.
git::remote remote_of(const config::settings& s);

} // namespace persais::doctor
