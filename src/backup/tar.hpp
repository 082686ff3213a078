#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// The form of tar (POSIX.1-1988, sizes above 8 GiB as GNU tar writes them), as much of it as a backup needs: plain
/// files with short names.
namespace persais::backup {

/// A file in a tar.
struct tar_entry {
    std::string name; // at most 99 bytes
    std::uint64_t bytes = 0;
};

/// The 512 bytes before a file's content.
std::string tar_header(const tar_entry& of);
/// The zeros between a file's content and the next header.
std::string tar_padding(std::uint64_t bytes);
/// What stands at the end of a tar.
std::string tar_end();

/// Reads 512 bytes as the header of a plain file. nullopt: they are the end, or no such header; `wrong` tells which.
std::optional<tar_entry> read_tar_header(std::string_view block, bool& wrong);

} // namespace persais::backup
