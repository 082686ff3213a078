#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace persais::git {

/// What of a file's stat data tells whether it is the one that was there, and unchanged. The change time is set by the
/// kernel alone, to the nanosecond here (git, as distributions build it, compares seconds).
struct file_mark {
    std::uint32_t changed_s = 0, changed_ns = 0, modified_s = 0, modified_ns = 0, inode = 0, uid = 0, gid = 0, size = 0;
    bool operator==(const file_mark&) const = default;
};
file_mark mark_of(const struct stat& info);

/// An index of git, version 2, as a checkout of one commit writes it: regular files and links, nothing staged, no
/// flags.
class index_file {
public:
    struct entry {
        std::string_view path;
        std::size_t at; // in the bytes
    };

    /// nullopt: it is none, or of another kind (a submodule in it, a sparse or split one).
    static std::optional<index_file> parse(std::string bytes);
    index_file(index_file&&) = default;
    index_file& operator=(index_file&&) = default;

    const std::vector<entry>& entries() const { return entries_; }
    std::uint32_t mode(const entry& of) const { return number(of.at + 24); } // 0100644, 0100755 or 0120000
    file_mark mark(const entry& of) const;
    void set_mark(const entry& of, const file_mark& to);

    /// The bytes of an index of these entries alone; its checksum is zeros, as git's own index.skipHash writes.
    std::string with(const std::vector<entry>& only) const;
    const std::string& bytes() const { return bytes_; }

private:
    index_file() = default;
    std::uint32_t number(std::size_t at) const;
    void set(std::size_t at, std::uint32_t to);

    std::string bytes_;
    std::size_t id_ = 20;        // bytes of an object's id
    std::vector<entry> entries_; // in git's order; their paths are in bytes_
};

} // namespace persais::git
