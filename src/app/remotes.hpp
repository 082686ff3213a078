#pragma once
#include "base/ids.hpp"
#include "config/settings.hpp"
#include "git/git.hpp"

namespace persais::app {

/// A remote with what it may be given: the token and the key of the settings only at the host of GIT_REMOTE_URL.
git::remote remote_at(const std::string& url, const config::settings& settings);

/// Where a task's work is kept in the mirror: refs below this name.
std::string task_ref(task_id id);

} // namespace persais::app
