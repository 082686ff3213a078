#pragma once
#include "base/async.hpp"
#include "base/result.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

namespace persais::git {

/// A held flock; the destructor releases it, and the kernel does when the process dies.
class held_lock {
public:
    held_lock() = default;
    explicit held_lock(int fd) : fd_(fd) {}
    held_lock(held_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    held_lock& operator=(held_lock&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~held_lock();

private:
    int fd_ = -1;
};

enum class sharing { shared, alone };

/// Waits at most `most` for the lock; the error says that another process holds it. Throws when the file cannot be
/// created.
awaitable<result<held_lock>> lock(std::filesystem::path file, sharing how, std::chrono::milliseconds most);

} // namespace persais::git
