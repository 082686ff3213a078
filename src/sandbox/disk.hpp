#pragma once
#include "sandbox/limits.hpp"

#include <cstdint>
#include <string>

namespace persais::sandbox {

/// What of the disk each program of a task may use, with everything that it starts: its tree, its home and its /tmp
/// together, with what was there before; of a layered folder only its upper layer. Counted are blocks, as du does, and
/// files, folders and links by their names.
struct disk_plan {
    std::uint64_t bytes = limits::task_disk_bytes;
    std::uint64_t files = limits::task_disk_files;
    /// So many bytes stay free for the database and the service, whoever used the rest; an eighth of a small disk.
    std::uint64_t reserve_bytes = limits::disk_reserve_bytes;
};

/// "4 GB", "600 MB", for sentences (of 1024 each, rounded down).
std::string gigabytes(std::uint64_t bytes);

} // namespace persais::sandbox
