#pragma once
#include "config/settings.hpp"
#include "git/git.hpp"

namespace persais::doctor {

/// GIT_REMOTE_URL with what may be shown to it.
git::remote remote_of(const config::settings& s);

} // namespace persais::doctor
