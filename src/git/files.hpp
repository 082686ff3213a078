#pragma once
#include "base/async.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace persais::git {

/// Makes the folder (and its parents), readable by this user only. Throws filesystem_error.
void make_private_folder(const std::filesystem::path& folder);

/// Writes a new file or replaces one, in one step (a kill leaves the old or the new one). Throws.
void write_file(const std::filesystem::path& file, std::string_view bytes, int mode);

/// Removes whatever an agent left there: of another user, read-only folders, any depth; symbolic links are not
/// followed. Throws when something stays.
awaitable<> remove_folder(std::filesystem::path folder);

/// A copy of a folder that no program uses any more: times, modes, owners and links as they are; symbolic links are not
/// followed. `to` must not exist. Throws when something could not be copied, and then leaves nothing at `to`.
awaitable<> copy_folder(std::filesystem::path from, std::filesystem::path to);

/// What a folder takes on the disk, in bytes.
awaitable<std::uintmax_t> folder_bytes(std::filesystem::path folder);

/// Removes what a killed git left in a bare repository: lock files and half-written objects. Only while nobody else
/// uses it. False when there was nothing to remove.
bool sweep_repository(const std::filesystem::path& git_dir, bool only_look);

} // namespace persais::git
