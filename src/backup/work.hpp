#pragma once
#include "backup/manifest.hpp"
#include "base/async.hpp"
#include "git/git.hpp"

#include <filesystem>

namespace persais::backup {

/// Writes the commits of tasks that stand in the mirror of this remote and on none of its branches into a bundle of
/// git. False: there are none, or there is no mirror. An error is one sentence.
awaitable<result<bool>> save_work(std::filesystem::path mirrors, git::remote where, std::filesystem::path to);

/// Brings them back into the mirror, which is cloned when it is not there. The remote has to answer, because a bundle
/// holds only what the remote did not have. An error is one sentence.
awaitable<result<void>> bring_work_back(std::filesystem::path mirrors, git::remote where, std::filesystem::path from);

} // namespace persais::backup
