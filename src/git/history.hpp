#pragma once
#include "git/git.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"

#include <memory>

namespace persais::git {

/// The history of one base branch as trees see it: a bare repository beside the mirror lends them its objects. It has
/// those of the base branch and of the tags that point into it, and no others, so that no program of a task can read
/// what other tasks made. Only the service writes to it, and it never deletes an object that a tree may use.
struct history {
    std::filesystem::path objects; // for sandbox::view::history
    std::string seen_at;           // where the programs in a tree find them
    std::string branch;
    commit_id tip;    // of the branch, when this was read
    commit_id base;   // what the task started from: its trees have origin/<branch> here, whatever is pushed meanwhile
    int commits = 0;  // newest ones of each branch that are seen, as `git clone --depth`; 0: all
    bool cut = false; // all were wanted, but are too large
    std::string refs; // a packed-refs file: origin/<branch> at `tip`, the tags
    std::string shallow; // the commits whose parents are not seen, one a line; empty: none
    held_lock in_use;    // keeps housekeeping away
};

struct history_wish {
    std::string branch;
    commit_id base;  // a commit of the branch; what is lent when the remote has no such branch any more
    int commits = 0; // 0: all, unless that takes more than `most_bytes` packed; then the newest `cut_to`
    std::uintmax_t most_bytes = limits::history_bytes;
    int cut_to = limits::history_cut;
    std::function<void(std::string_view)> progress = {}; // gets git's progress lines
};

/// Makes the history, or brings it to where the mirror stands. Two tasks may ask at once. What a kill left half done is
/// done again here. Call it after mirror::refresh.
awaitable<outcome<std::shared_ptr<const history>>> history_of(const mirror& of, history_wish wish,
                                                              const sandbox::backend& confine);

/// Removes the histories of a mirror that nobody has asked for since `before` and no tree uses, and what kills left in
/// the others.
awaitable<> tidy_histories(struct layout at, std::filesystem::file_time_type before);

/// The ref of a base branch in a task's tree.
std::string base_ref(std::string_view branch);

} // namespace persais::git
