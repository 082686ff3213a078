#pragma once
#include "git/git.hpp"

#include <set>

namespace persais::git {

/// What is seen of a remote without a mirror of it.
struct remote_look {
    std::string shown; // its address for a person: without user and query
    std::optional<std::string> head;
    std::set<std::string> branches; // without refs/heads/
    bool local = false;
};

/// Whether it is a path or file:// address, which involves no other machine.
bool on_this_disk(const remote& where);

/// Lists the remote's branches (ls-remote). `folder`: an empty folder of the caller, for git's own use.
awaitable<outcome<remote_look>> look_at(std::filesystem::path folder, remote where);

/// Asks the remote for everything that a push of a new branch needs, as `git push --dry-run` does, and sends nothing,
/// so nothing changes there. Distinguishes a missing right (no_push) from a missing connection (network). It cannot
/// detect what only a real push meets (protected branches, hooks, quotas). For a path, the permission to write is
/// checked.
awaitable<outcome<void>> rehearse_push(std::filesystem::path folder, remote where);

} // namespace persais::git
