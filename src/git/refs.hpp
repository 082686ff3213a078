#pragma once
#include "git/layout.hpp"

#include <map>
#include <optional>
#include <string>

namespace persais::git {

/// A remote's branches and tags as the remote lists them.
struct remote_refs {
    std::optional<std::string> head;           // the branch that its HEAD names, if that branch exists
    std::map<std::string, commit_id> branches; // without refs/heads/
    /// Without refs/tags/; the tag's own object, or what a lightweight one names. nullopt: there are too many to list.
    std::optional<std::map<std::string, std::string>> tags = std::map<std::string, std::string>{};
};

/// `only`: one branch; else all branches and tags, and HEAD.
awaitable<outcome<remote_refs>> read_remote(layout at, struct address to, remote where,
                                            std::optional<std::string> only = {});

/// The branches and tags in the mirror.
awaitable<remote_refs> read_mirror(layout at);

/// Parses the output of `git ls-remote --symref`.
remote_refs parse_ls_remote(std::string_view output);

} // namespace persais::git
