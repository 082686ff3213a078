#pragma once
#include "base/locked_directory.hpp"
#include "base/result.hpp"
#include "checks/repository_file.hpp"
#include "git/git.hpp"
#include "worker/dependencies.hpp"

#include <filesystem>
#include <optional>

namespace persais::worker {

/// One task's place on this disk while one worker holds it: two trees (the coder's, and the one that setup and checks
/// run in, so that what is checked is exactly what is committed), each with a home of its own. Named by task and fence,
/// so that a worker that lost its lease cannot meet its successor; locked, so that start-up can tell what a crash left.
/// What setup left is kept beside the checks' tree and home, because each run of the checks begins with a copy of it.
class task_workspace {
public:
    static result<std::unique_ptr<task_workspace>> open(const std::filesystem::path& root, task_id id, fence held);
    task_workspace(const task_workspace&) = delete;

    /// Views of the two sandboxes; the network is off, tools are the caller's to add.
    sandbox::view code() const;
    sandbox::view check() const;

    /// Removes what is large, by a program beside us: a hundred thousand files would hold the loop up for a minute. The
    /// destructor removes the rest, or all of it.
    awaitable<void> clear();

    /// Lets go of it without removing it: the next start does.
    void leave_behind() { folder_->leave_behind(); }

    /// Moves the checks' tree and home to where they are kept. `at`: the commit that setup saw. Throws.
    awaitable<void> keep_set_up(git::commit_id at);
    /// The commit at which what is kept was set up; nullopt: nothing is kept.
    const std::optional<git::commit_id>& set_up_at() const { return set_up_at_; }
    void forget_set_up() { set_up_at_.reset(); }
    /// Makes the checks' tree and home a copy of what is kept; what stood there goes. Throws, also when the disk has no
    /// room for it.
    awaitable<void> copy_set_up();
    /// The setup that was guessed and failed, when what is kept was made with a weaker one; else empty.
    std::string failed_setup;
    /// What is kept takes so many bytes, and so does each copy.
    std::uintmax_t set_up_bytes() const { return set_up_bytes_; }

private:
    task_workspace(std::unique_ptr<locked_directory> folder, unsigned slot) : folder_(std::move(folder)), slot_(slot) {}
    std::unique_ptr<locked_directory> folder_;
    unsigned slot_;
    std::optional<git::commit_id> set_up_at_;
    std::uintmax_t set_up_bytes_ = 0;
};

} // namespace persais::worker
