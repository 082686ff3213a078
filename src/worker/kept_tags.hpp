#pragma once
#include <filesystem>
#include <string>
#include <vector>

/// What the agents of a repository's tasks found out of its files (coder/tags.hpp), in one file beside the mirror. It is
/// lent to each task read-only, and only the service writes it.
namespace persais::worker {

/// The file below a mirror's folder; empty when there is none yet.
std::filesystem::path kept_tags(const std::filesystem::path& mirror);

/// Adds the rows that a task told, and lets go of the oldest ones over limits::tags_bytes. A failure is logged: they are
/// only a saving. Of two that write at once the last one's rows stay.
void keep_tags(const std::filesystem::path& mirror, const std::vector<std::string>& told);

} // namespace persais::worker
