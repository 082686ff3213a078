#pragma once
#include "git/layout.hpp"
#include "git/limits.hpp"

namespace persais::git {

/// A pack on its way from a sandbox into the mirror: a file of ours to which the output of the confined git is
/// appended. The destructor removes it.
class incoming_pack {
public:
    /// Creates the file in `folder`. Throws system_error.
    explicit incoming_pack(const std::filesystem::path& folder);
    ~incoming_pack();
    incoming_pack(const incoming_pack&) = delete;
    incoming_pack& operator=(const incoming_pack&) = delete;

    struct overflow : std::exception {
        const char* what() const noexcept override { return "more than limits::import_bytes"; }
    };
    /// Appends a piece. Throws overflow, system_error (a full disk).
    void add(std::string_view piece);
    std::size_t bytes() const { return bytes_; }
    bool empty() const { return bytes_ == 0; }
    std::string content() const;
    const std::filesystem::path& file() const { return file_; }

private:
    std::filesystem::path file_;
    int fd_ = -1;
    std::size_t bytes_ = 0;
};

/// Imports the pack's objects after every check, as `git fetch` does with fetch.fsckObjects once its bytes have
/// arrived: fsck without exceptions, and for each object that what it names is there and of the right kind, in the pack
/// or the mirror. So whatever the mirror has is whole, and no walk from the tree is needed. On failure it has none of
/// them.
awaitable<outcome<void>> take_in(layout at, const incoming_pack& pack);

} // namespace persais::git
