#pragma once
#include "config/settings.hpp"
#include "git/git.hpp"

namespace persais::worker {

/// Who makes the commits of a task, as the settings have it now. `co_author`: for whom; empty: not known.
git::identity identity_of(const config::settings& settings, std::string co_author);

} // namespace persais::worker
