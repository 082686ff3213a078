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
    bool empty() const { return bytes_ == 0; }
    const std::filesystem::path& file() const { return file_; }

private:
    std::filesystem::path file_;
    int fd_ = -1;
    std::size_t bytes_ = 0;
};

/// Imports the pack's objects after every check (fsck without exceptions, links, connectivity of `tree`), as `git
/// fetch` does with fetch.fsckObjects once its bytes have arrived. On failure the mirror has none of them.
awaitable<outcome<void>> take_in(layout at, const incoming_pack& pack, std::string tree);

} // namespace persais::git
