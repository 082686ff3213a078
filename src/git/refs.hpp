#pragma once
#include "git/layout.hpp"

#include <map>
#include <optional>
#include <string>

namespace persais::git {

/// A remote's branches as the remote lists them.
struct remote_refs {
    std::optional<std::string> head;           // the branch that its HEAD names, if that branch exists
    std::map<std::string, commit_id> branches; // without refs/heads/
};

/// `only`: one branch; else all branches and HEAD.
awaitable<outcome<remote_refs>> read_remote(layout at, struct address to, remote where,
                                            std::optional<std::string> only = {});

/// The branches in the mirror.
awaitable<std::map<std::string, commit_id>> read_mirror(layout at);

/// Parses the output of `git ls-remote --symref`.
remote_refs parse_ls_remote(std::string_view output);

} // namespace persais::git
