#pragma once
#include "base/async.hpp"

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace persais::git {

/// Creates the folder (and its parents), accessible to this user only. Throws filesystem_error.
void make_private_folder(const std::filesystem::path& folder);

/// Writes a new file or replaces one, atomically (a kill leaves the old or the new one). Throws system_error.
void write_file(const std::filesystem::path& file, std::string_view bytes, int mode);

/// The bytes of a file; none when it cannot be read.
std::string content_of(const std::filesystem::path& file);
/// The same; `ec` tells why it could not be read.
std::string content_of(const std::filesystem::path& file, std::error_code& ec);

/// The kernel's id of this start of the machine.
std::string boot_id();

/// Calls `tell` with each regular file below the folder, however others add to it and remove from it meanwhile: what
/// stays is told, and what is gone is none. Symbolic links are not followed. Throws filesystem_error when a folder
/// cannot be read.
void each_file_below(const std::filesystem::path& folder,
                     const std::function<void(const std::filesystem::path&)>& tell);

/// Removes whatever an agent left in the folder, and the folder: files of another user, read-only folders, any depth;
/// symbolic links are not followed. Throws runtime_error when something could not be removed.
awaitable<> remove_folder(std::filesystem::path folder);

/// What a program left in a folder, and nobody can work with: the fault is that program's.
struct unusable_folder : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Copies a folder that no program uses any more. Times, modes, owners and links are preserved; symbolic links are not
/// followed. `to` must not exist. Throws when something could not be copied, and then leaves nothing at `to`.
awaitable<> copy_folder(std::filesystem::path from, std::filesystem::path to);

/// Removes what a killed git left in a bare repository: lock files and half-written objects. Call it only while no
/// other process uses the repository. With `only_look` it removes nothing. False when there was nothing to remove.
/// Without `objects` it leaves those alone.
bool sweep_repository(const std::filesystem::path& git_dir, bool only_look, bool objects = true);

} // namespace persais::git
