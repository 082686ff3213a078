#pragma once
#include "base/async.hpp"
#include "base/result.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

namespace persais::git {

/// A held flock; let go when this dies, and by the kernel when the process does.
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

/// Waits at most `most` for the lock; the sentence says that somebody else holds it. Throws when the file cannot be
/// made.
awaitable<result<held_lock>> lock(std::filesystem::path file, sharing how, std::chrono::milliseconds most);

} // namespace persais::git
