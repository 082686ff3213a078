#pragma once
#include "git/layout.hpp"

namespace persais::git {

/// Patterns of info/exclude for an agent's tree and for what is taken from it.
std::string_view never_work();

/// Fetches the commits without their history from the mirror into another repository that no agent has had.
awaitable<outcome<void>> fetch_shallow(layout at, std::filesystem::path into, std::vector<commit_id> commits);

} // namespace persais::git
