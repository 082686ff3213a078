#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace persais {

/// A folder that lives as long as this object. A lock inside it proves that its process is alive, so that a start can
/// distinguish what a crash left from what another process uses.
class locked_directory {
public:
    /// Creates an empty `root`/`name`; `root` must exist.
    static result<std::unique_ptr<locked_directory>> make(const std::filesystem::path& root, const std::string& name);
    ~locked_directory(); // removes the folder
    locked_directory(const locked_directory&) = delete;

    /// The destructor then leaves the folder with its contents; the next start removes it.
    void leave_behind() { left_ = true; }

    const std::filesystem::path& path() const { return path_; }
    /// A short path to the same folder, valid in this process only, because a unix socket's path has at most 107 bytes.
    std::filesystem::path short_path() const;

private:
    friend std::vector<std::unique_ptr<locked_directory>> left_folders(const std::filesystem::path& root);
    locked_directory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::filesystem::path path_;
    int lock_;
    int folder_ = -1;
    bool left_ = false;
};

/// The folders below `root` that no living process holds. The caller now owns them and may remove them.
std::vector<std::unique_ptr<locked_directory>> left_folders(const std::filesystem::path& root);

/// Removes a folder whatever a sandboxed program left in it (folders without permissions, nested to any depth), unless
/// somebody still uses it; never follows a link. Failures are logged. It takes as long as there are files.
void remove_tree(const std::filesystem::path& folder);

} // namespace persais
