#pragma once
#include "base/background.hpp"
#include "checks/repository_file.hpp"
#include "git/git.hpp"
#include "leaks/scanner.hpp"
#include "mechanic/task.hpp"

#include <optional>
#include <vector>

namespace persais::worker {

/// What looks like a credential in the lines that `commit` adds to `ground`; at most limits::leaks_kept. What its
/// repository allows, and what stands somewhere in `ground` already, is not among it.
awaitable<git::outcome<std::vector<mechanic::leak>>> leaks_in(git::mirror& mirror, git::commit_id ground,
                                                              git::commit_id commit, checks::repository_file rules);

/// The same in two steps, of which the first needs no rules and begins while others go on: with the checks, and with
/// storing that the work is there.
class leaks_ahead {
public:
    struct seen {
        std::vector<leaks::finding> found;
        bool full = false; // there may be more
    };

    /// Begins to look. What an earlier call looks for is given up.
    awaitable<void> begin(git::mirror mirror, git::commit_id ground, git::commit_id commit);
    /// As leaks_in, with what was seen ahead if it was of these commits and nothing went wrong.
    awaitable<git::outcome<std::vector<mechanic::leak>>> finish(git::mirror& mirror, git::commit_id ground,
                                                                git::commit_id commit, checks::repository_file rules);
    /// Nothing of it runs afterwards.
    awaitable<void> stop();

private:
    struct under_way {
        git::commit_id ground, commit;
        background<git::outcome<seen>> look;
    };
    std::optional<under_way> now_;
};

} // namespace persais::worker
