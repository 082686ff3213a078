#pragma once
#include "git/layout.hpp"
#include "git/limits.hpp"

#include <chrono>
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
    std::size_t loose = 0; // of a mirror: those that have a file each
};

/// `only`: one branch; else all branches and tags, and HEAD.
awaitable<outcome<remote_refs>> read_remote(layout at, struct address to, remote where,
                                            std::optional<std::string> only = {});

/// The branches and tags in the mirror, whose HEAD may name a branch that it does not have. The files are read here,
/// because a task asks a dozen times: the mirror is ours, and `git init` made it with refs as files. Other tasks fetch
/// and pack meanwhile; a ref that they leave as it is is found. Throws filesystem_error when something cannot be read.
remote_refs read_mirror(const layout& at);

/// Writes a ref of ours as `git update-ref` does, with its lock. A failure is a full disk, or a lock that is held for
/// longer than `most`.
awaitable<outcome<void>> write_ref(layout at, std::string name, commit_id commit,
                                   std::chrono::milliseconds most = limits::ref_lock_wait);
/// Makes the mirror's HEAD name this ref, which need not exist.
awaitable<outcome<void>> write_head(layout at, std::string name,
                                    std::chrono::milliseconds most = limits::ref_lock_wait);

/// Whether a task made what this ref, with its whole name, is of: here, or as a branch on the remote.
bool is_ours(std::string_view ref);

/// Parses the output of `git ls-remote --symref`.
remote_refs parse_ls_remote(std::string_view output);

} // namespace persais::git
