#pragma once
#include "forge/github_repository.hpp"

namespace persais::forge {

// How GitHub merges: while nobody waits (`merge-async`), in one call where a server lacks that, or from a queue, which
// its GraphQL API alone tells of.

awaitable<outcome<std::string>> merge_at_once(github_repository& at, request which, std::string way);
awaitable<outcome<merging>> begin_merge_at(github_repository& at, request which, std::string way);
awaitable<outcome<merging>> merging_at(github_repository& at, request which, std::string id);

awaitable<outcome<queue_place>> place_in_queue_at(github_repository& at, request which);
awaitable<outcome<void>> enqueue_at(github_repository& at, request which);
awaitable<outcome<void>> leave_queue_at(github_repository& at, request which);

} // namespace persais::forge
