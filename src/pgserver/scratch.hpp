#pragma once
#include "base/result.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <memory>

namespace persais::pgserver {

/// A PostgreSQL of its own for a moment, to try something in: fast, not durable, at low priority, and gone with this
/// process whatever happens.
class scratch {
public:
    /// `folder`: an empty one, which the caller removes after leave(). An error is one sentence.
    static awaitable<result<std::unique_ptr<scratch>>> start(std::filesystem::path folder,
                                                             std::filesystem::path binaries);
    virtual ~scratch() = default;
    /// The URL of an empty database, as its superuser.
    virtual std::string url() const = 0;
    virtual awaitable<void> leave() = 0;
};

} // namespace persais::pgserver
