#pragma once
#include "base/locked_directory.hpp"
#include "base/result.hpp"
#include "checks/repository_file.hpp"
#include "git/base_tree.hpp"
#include "git/history.hpp"
#include "worker/dependencies.hpp"
#include "worker/shared_setup.hpp"

#include <filesystem>
#include <optional>

namespace persais::worker {

/// One task's folder on this disk while one worker holds the task: two trees (the coder's, and the one that setup and
/// checks run in, so that what is checked is exactly what is committed), each with a home of its own. Its name has task
/// and fence, so that a worker that lost its lease cannot share it with its successor; it is locked, so that the start
/// of the service can tell what a crash left. The result of setup is kept beside the checks' tree and home, because
/// each run of the checks begins with it as it was: a copy, or new layers over it.
class task_workspace {
public:
    enum class part { code, check };

    /// Makes and locks the folder; `root` has to exist. An error is one sentence. The destructor removes the folder.
    static result<std::unique_ptr<task_workspace>> open(const std::filesystem::path& root, task_id id, fence held);
    task_workspace(const task_workspace&) = delete;

    /// The history that both trees show; it is kept for as long as they are.
    void lend(std::shared_ptr<const git::history> past) { past_ = std::move(past); }
    const std::shared_ptr<const git::history>& past() const { return past_; }

    /// Begins a new tree: what was there is removed. With a base it is a layer over that, which is lent for as long;
    /// else the caller makes it at the view's `tree`. Throws.
    awaitable<void> begin_tree(part which, std::shared_ptr<const git::base_tree> over, const sandbox::backend& confine);

    /// Views for the two sandboxes; the network is off, and the caller adds tools.
    sandbox::view code() const;
    sandbox::view check() const;

    /// What the coder's tree was like before the agent (git/tree_look.hpp), in a place that no sandbox sees.
    std::filesystem::path remembered() const { return folder_->path() / "code/remembered"; }

    /// Removes what is large, by a separate program, because a hundred thousand files would block the loop for a
    /// minute. The destructor removes the rest, or all of it.
    awaitable<void> clear();

    /// Unlocks the folder without removing it: the next start removes it.
    void leave_behind() { folder_->leave_behind(); }

    /// Moves the checks' tree and home to where they are kept. `at`: the commit that setup saw. Throws,
    /// git::unusable_folder when folders are nested so deep that the innermost has no path.
    awaitable<void> keep_set_up(git::commit_id at);
    /// The commit at which the kept result was set up; nullopt: nothing is kept.
    const std::optional<git::commit_id>& set_up_at() const { return set_up_at_; }
    void forget_set_up() {
        set_up_at_.reset();
        shared_.reset();
        anothers_ = false;
        key_for_others.clear();
    }
    /// Takes what another task's setup left at this commit, as if this one had set up, for a tree of layers that has
    /// just been begun. False: there is none. `key`: shared_setup.hpp.
    awaitable<bool> take_shared_set_up(git::commit_id at, std::string key);
    /// Whether what is kept was taken from another task.
    bool set_up_is_anothers() const { return anothers_; }
    /// What was taken was not good enough: it is forgotten, no task takes it any more, and this one takes no other.
    void refuse_shared_set_up();
    /// The key by which others may have what is kept, as soon as it has proved good; empty: they may not.
    std::string key_for_others;
    /// Lets other tasks have what keep_set_up has kept, where the tree is one of layers. When that fails, it goes
    /// on with it alone, or has forgotten it (set_up_at).
    awaitable<void> share_set_up(std::string key);
    /// Replaces the checks' tree and home by what is kept: layers over it, where the tree that was set up was one, else
    /// a copy. Throws, also when the disk has no room for it.
    awaitable<void> renew_set_up(const sandbox::backend& confine);
    /// Which of the setups to try worked at the base (0: the one that was chosen); nullopt: none was tried.
    std::optional<std::size_t> setup_of_base;
    /// The sentence of the chosen setup's failure, when a weaker one is used; else empty.
    std::string why_setup_failed;
    /// Hosts that setup asked for and may not reach, each once.
    std::vector<std::string> hosts_denied;
    /// What is kept takes so many bytes, and so does each copy; 0: nothing is copied.
    std::uintmax_t set_up_bytes() const { return set_up_bytes_; }

private:
    task_workspace(std::unique_ptr<locked_directory> folder, unsigned slot) : folder_(std::move(folder)), slot_(slot) {}
    struct layered {
        std::shared_ptr<const git::base_tree> over; // null: the tree is simply there
        bool set_up_between = false;                // what setup left is between the two
    };
    std::filesystem::path folder_of(part which) const;
    std::filesystem::path kept() const { return shared_ ? shared_->folder : folder_->path() / "check/kept"; }
    sandbox::view view_of(part which) const;

    std::unique_ptr<locked_directory> folder_;
    unsigned slot_;
    std::shared_ptr<const git::history> past_;
    std::optional<git::commit_id> set_up_at_;
    std::uintmax_t set_up_bytes_ = 0, kept_bytes_ = 0;
    layered code_, check_;
    bool anothers_ = false, takes_none_ = false;
    std::optional<shared_setup> shared_; // what is kept is not this task's own; beside the checkout that check_ holds
};

} // namespace persais::worker
