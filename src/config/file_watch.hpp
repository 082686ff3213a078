#pragma once
#include "base/async.hpp"
#include "config/limits.hpp"

#include <filesystem>
#include <set>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::config {

/// Tells that something changed in the folders of some files (inotify). Folders, because editors and Kubernetes replace
/// a file, or a link on the way to it, instead of writing into it. One executor.
class file_watch {
public:
    /// Throws system_error where there is no inotify (its instances are used up, or a kernel without).
    explicit file_watch(const asio::any_io_executor& executor);

    /// From now on the folders of these, and of every link on the way to them. A folder that is not there is left out.
    void follow(const std::vector<std::filesystem::path>& files);

    /// Returns when something happened in them since the last call and then nothing for limits::reload_quiet (or,
    /// where it never is quiet, limits::reload_at_most).
    awaitable<> changed();

private:
    bool drain();

    asio::posix::stream_descriptor events_;
    std::vector<int> watched_;
};

/// The folders in which a change of a link or file changes what `path` leads to.
std::set<std::filesystem::path> folders_on_the_way(const std::filesystem::path& path);

} // namespace persais::config
