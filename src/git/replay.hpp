#pragma once
#include "git/layout.hpp"

#include <string>
#include <vector>

namespace persais::git {

// What rebase and revert are made of. Nothing of it needs a working tree: trees are merged in the mirror.

/// The merge of two trees; `conflicts` are paths. Where there are some, the files of `tree` have the texts of both
/// sides between lines of marks, and that of before.
struct merged {
    std::string tree;
    std::vector<std::string> conflicts;
};
/// Merges what leads from `base`, a commit, to `theirs` (a commit or tree) into the tree of `ours`.
awaitable<outcome<merged>> merge_trees(layout at, commit_id base, std::string ours, std::string theirs);

/// The same, for whoever makes one text of what is between the marks: they name the sides by words.
awaitable<outcome<merged>> merge_for_people(layout at, commit_id base, std::string ours, std::string theirs);

/// Name, address and date as git's environment takes them.
struct signature {
    std::string name, email, date;
};
signature signature_of(const identity& who, time_point when);

/// The part of a commit that a rebase keeps.
struct commit_words {
    signature author;
    std::string message;
};
awaitable<outcome<commit_words>> read_commit(layout at, commit_id commit);

struct new_commit {
    std::string tree;
    commit_id parent;
    signature author, committer;
    std::string message;
    secret signing_key = {}; // empty: it is not signed
};
awaitable<outcome<commit_id>> write_commit(layout at, new_commit what);

/// The tree of a commit.
awaitable<outcome<std::string>> tree_of(layout at, std::string commit);

/// Whether two changes read the same: each line with those around it, wherever it stands. Too much to compare is not
/// the same.
awaitable<outcome<bool>> same_change(layout at, commit_id from, commit_id to, commit_id other_from, commit_id other_to);

} // namespace persais::git
