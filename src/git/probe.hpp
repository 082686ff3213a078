#pragma once
#include "git/git.hpp"

#include <set>

namespace persais::git {

/// What a look at a remote shows, without a mirror of it.
struct remote_look {
    std::string shown; // its address for a person: no user, no query
    std::optional<std::string> head;
    std::set<std::string> branches; // without refs/heads/
    bool local = false;
};

/// A path or file://: no other machine has a part in it.
bool on_this_disk(const remote& where);

/// Lists its branches (ls-remote). `folder`: an empty one of the caller's, for git's own use.
awaitable<outcome<remote_look>> look_at(std::filesystem::path folder, remote where);

/// Asks the remote for all that a push of a new branch needs, as `git push --dry-run` does, and sends nothing: nothing
/// is left there. Tells a missing right (no_push) from a missing way (network); what only a real push meets
/// (protected branches, hooks, quotas) it cannot see. A path is looked at for the right to write in it.
awaitable<outcome<void>> rehearse_push(std::filesystem::path folder, remote where);

} // namespace persais::git
