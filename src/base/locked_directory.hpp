#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace persais {

/// A folder that lives as long as this object. A lock inside it says that its process is alive, so that a start can
/// tell what a crash left from what another process uses.
class locked_directory {
public:
    /// Makes `root`/`name` anew; `root` has to be there.
    static result<std::unique_ptr<locked_directory>> make(const std::filesystem::path& root, const std::string& name);
    ~locked_directory(); // removes it
    locked_directory(const locked_directory&) = delete;

    /// Lets go of it and leaves what is in it where it is: the next start removes it.
    void leave_behind() { left_ = true; }

    const std::filesystem::path& path() const { return path_; }
    /// A short path to the same place, good in this process alone: a unix socket's name holds at most 107 bytes.
    std::filesystem::path short_path() const;

private:
    friend std::vector<std::unique_ptr<locked_directory>> left_folders(const std::filesystem::path& root);
    locked_directory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::filesystem::path path_;
    int lock_;
    int folder_ = -1;
    bool left_ = false;
};

/// The folders below `root` that no living process holds; ours to remove from now on.
std::vector<std::unique_ptr<locked_directory>> left_folders(const std::filesystem::path& root);

/// Removes a folder whatever a sandboxed program left in it (folders without write permission too); never follows a
/// link.
void remove_tree(const std::filesystem::path& folder);

} // namespace persais
