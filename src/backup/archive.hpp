#pragma once
#include "backup/broken.hpp"
#include "backup/manifest.hpp"
#include "base/secret.hpp"

#include <atomic>
#include <filesystem>

/// A backup is one file: a tar of its manifest and its parts, in the form of age. So `age -d -i KEY FILE | tar x` opens
/// it where there is no Persais.
namespace persais::backup {

/// Set by another thread, ends pack() and unpack() soon; they throw stopped then.
using stop_flag = std::atomic<bool>;
struct stopped : std::exception {};

/// Counts the bytes of the files of `folder`, and their digests. Blocks. Throws system_error.
std::vector<part> measure(const std::filesystem::path& folder, const std::vector<std::string>& names,
                          const stop_flag& stop);

/// Writes the backup of `what`, whose parts are files of `folder`, to a new file, which is on the disk when this
/// returns. `key`: the bytes of an age key. Blocks. Throws system_error.
void pack(const manifest& what, const std::filesystem::path& folder, const secret& key, const std::filesystem::path& to,
          const stop_flag& stop);

/// The opposite: writes the parts to `folder` and returns the manifest, when each of them is what the manifest says and
/// nothing is missing. Blocks. Throws broken, system_error.
manifest unpack(const std::filesystem::path& from, const secret& key, const std::filesystem::path& folder,
                const stop_flag& stop);

/// The manifest alone: reads the beginning of the file.
manifest look_into(const std::filesystem::path& from, const secret& key);

} // namespace persais::backup
