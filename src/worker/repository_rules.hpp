#pragma once
#include "base/result.hpp"
#include "checks/repository_file.hpp"
#include "git/git.hpp"
#include "worker/dependencies.hpp"

namespace persais::worker {

/// The commands that a task's repository is set up and judged by, and its rules, as they stand on the base commit.
struct repository_rules {
    mechanic::chosen_command setup;
    mechanic::chosen_command check;
    checks::repository_file file;
};

/// First that is set: with the task; `.persais.toml` on the base commit; CHECK_COMMAND and SETUP_COMMAND (only for
/// GIT_REMOTE_URL); a guess. Each choice says where it came from.
awaitable<git::outcome<repository_rules>> find_rules(git::mirror& mirror, git::commit_id base, mechanic::order what,
                                                     const config::settings& settings);

} // namespace persais::worker
