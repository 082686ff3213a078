#pragma once
#include "base/result.hpp"
#include "checks/repository_file.hpp"
#include "git/git.hpp"
#include "queue/repositories.hpp"
#include "worker/dependencies.hpp"

namespace persais::worker {

/// The commands that set up and check a task's repository, and its rules, as they are on the base commit.
struct repository_rules {
    mechanic::chosen_command setup;
    mechanic::chosen_command check;
    checks::repository_file file;
};

/// Takes each command from the first of these that sets it: the task; what admins have set for the repository (`own`,
/// null: nothing); `.persais.toml` on the base commit; CHECK_COMMAND and SETUP_COMMAND (only for GIT_REMOTE_URL); a
/// guess. Each choice names its source. What admins allow and protect holds beside the file's.
awaitable<git::outcome<repository_rules>> find_rules(git::mirror& mirror, git::commit_id base, mechanic::order what,
                                                     const config::settings& settings,
                                                     std::shared_ptr<const queue::repository> own);

} // namespace persais::worker
