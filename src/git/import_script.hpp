#pragma once
#include <string_view>

namespace persais::git {

/// Runs confined, as `sh -c SCRIPT sh BASE MOST_BYTES MOST_FILES LFS`, where LFS is empty or "lfs". The working folder
/// is the tree, GIT_DIR a repository made for this import alone, and HOME a separate folder. It prints the pack of the
/// objects that BASE does not have; on standard error it prints lines that begin with "persais:".
///
///     persais:tree ID         the tree's content; without a pack when it is the same as BASE's
///     persais:left-out PATH   a repository inside the tree, or a submodule that was moved or written into: as in BASE
///     persais:lfs PATH        a file in LFS that is changed or new: as in BASE
///     persais:large BYTES FILES FOLDER
///
/// Exit: 0; 41 BASE is not readable; 42 too large.
std::string_view import_script();

/// The same for a tree of which it is known what is not as in BASE, as `sh -c SCRIPT sh BASE RULES`, where RULES is
/// empty or "rules": the base has .gitattributes. HOME has the index of the touched files, and as NUL-separated lists
/// `touched` (to read) and `fresh` (to read unless they are ignored), and `begin`, the first lines for git fast-import:
/// the commit, and what is gone. All that it does is about these alone. It prints the same; whatever fails is left to
/// import_script().
std::string_view import_changes_script();

inline constexpr int import_base_missing = 41;
inline constexpr int import_too_large = 42;

} // namespace persais::git
