#pragma once
#include "base/result.hpp"
#include "store/store.hpp"

#include <filesystem>

namespace persais::pgserver {

/// An embedded PostgreSQL: it has only a unix socket and its data is below `data`/postgres. All `persais` processes on
/// the same folder share it, and the last one that leaves stops it. It is a separate process and, when started as root,
/// runs as a separate user. It survives a SIGKILL of a `persais`, and recovers from a SIGKILL of its own.
class embedded {
public:
    /// `binaries`: the folder that holds bin/postgres and its libraries. An error is one sentence, for example about a
    /// data folder of another major version: which version it is and how to move it.
    static awaitable<result<std::unique_ptr<embedded>>> start(std::filesystem::path data,
                                                              std::filesystem::path binaries);
    /// Whether there is one below `data`; looks without making anything.
    static bool exists(const std::filesystem::path& data);
    virtual ~embedded() = default;
    /// The URL of a database at the socket; there is no password.
    virtual std::string url() const = 0;
    /// Ends this use of the server; the last user stops it (fast shutdown).
    virtual awaitable<void> leave() = 0;
};

} // namespace persais::pgserver
