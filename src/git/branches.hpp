#pragma once
#include "git/git.hpp"

#include <map>
#include <string>

/// Branches of a remote, without a mirror of it.
namespace persais::git {

/// Without refs/heads/.
awaitable<outcome<std::map<std::string, commit_id>>> branches_of(remote where);

/// Deletes a branch there where it is at this commit still; else nothing is changed. One that is not there is no
/// failure.
awaitable<outcome<void>> delete_branch(remote where, std::string branch, commit_id at);

} // namespace persais::git
