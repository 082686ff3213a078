#pragma once
#include "base/async.hpp"
#include "config/limits.hpp"

#include <filesystem>
#include <set>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::config {

/// Reports changes in the folders of some files (inotify). Folders are watched, because editors and Kubernetes replace
/// a file, or a link on the way to it, instead of writing into it. Belongs to one executor.
class file_watch {
public:
    /// Throws system_error where inotify is not available (its instances are used up, or the kernel has none).
    explicit file_watch(const asio::any_io_executor& executor);

    /// Watches from now on the folders of these files, and of every link on the way to them. Missing folders are
    /// ignored.
    void follow(const std::vector<std::filesystem::path>& files);

    /// Returns when something happened in the folders since the last call, and then nothing for limits::reload_quiet
    /// (or after limits::reload_at_most, where it never is quiet).
    awaitable<> changed();

private:
    bool drain();

    asio::posix::stream_descriptor events_;
    std::vector<int> watched_;
};

/// The folders in which a change of a link or file changes the target of `path`.
std::set<std::filesystem::path> folders_on_the_way(const std::filesystem::path& path);

} // namespace persais::config
