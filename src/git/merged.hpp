#pragma once
#include "git/git.hpp"

namespace persais::git {

/// What the base branch held before a forge merged `head` into it as `merged`: by a merge commit, as one commit, or as
/// the commits after `base` made anew. An error when the mirror does not have `merged`.
awaitable<outcome<commit_id>> before_merge(const mirror& in, commit_id merged, commit_id head, commit_id base);

} // namespace persais::git
