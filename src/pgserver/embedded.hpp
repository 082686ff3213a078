#pragma once
#include "base/result.hpp"
#include "store/store.hpp"

#include <filesystem>

namespace persais::pgserver {

/// A PostgreSQL of our own: unix socket only, data under `data`/postgres, shared by every `persais` on the same folder
/// and stopped by the last one that leaves. Its own process and, when started as root, its own user. It outlives a kill
/// -9 of a `persais`, and recovers from a kill -9 of its own.
class embedded {
public:
    /// `binaries`: the folder that holds bin/postgres and its libraries. An error is one sentence, for example for a
    /// data folder of another major version: which it is and how to move it.
    static awaitable<result<std::unique_ptr<embedded>>> start(std::filesystem::path data,
                                                              std::filesystem::path binaries);
    virtual ~embedded() = default;
    /// Names a socket; there is no password.
    virtual std::string url() const = 0;
    /// Leaves; the last one stops the server (fast shutdown).
    virtual awaitable<void> leave() = 0;
};

} // namespace persais::pgserver
