#pragma once
#include "base/clock.hpp"
#include "git/git.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// What the agents of a repository's tasks found out of its files (coder/tags.hpp), in one file beside the mirror. It
/// is lent to each task read-only, and only the service writes it.
namespace persais::worker {

/// The file below a mirror's folder, without rows that are old by now; empty when there is none yet.
std::filesystem::path kept_tags(const std::filesystem::path& mirror, time_point now);

/// Adds the rows that a task told of files of `base`, and lets go of the old ones (coder::merged_tags). Rows of
/// anything else are left out: a task may have made it, or have guessed that it will come. A failure is logged: they
/// are only a saving. Of two that write at once the last one's rows stay.
awaitable<> keep_tags(git::mirror mirror, git::commit_id base, std::vector<std::string> told, time_point now);

} // namespace persais::worker
