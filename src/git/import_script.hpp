#pragma once
#include <string_view>

namespace persais::git {

/// Runs confined, as `sh -c SCRIPT sh BASE MOST_BYTES MOST_FILES NAME…`, with the tree as working folder, GIT_DIR a
/// repository made for this import alone, and HOME a folder of its own. It prints the pack of what BASE does not have;
/// on standard error lines that begin with "persais:".
///
///     persais:tree ID            what the tree's content is; without a pack when that is BASE's own
///     persais:left-out PATH      a repository inside the tree, or a submodule that was moved or written into: as BASE has it
///     persais:large BYTES FILES FOLDER
///
/// Exit: 0; 41 BASE is not readable; 42 too large.
std::string_view import_script();

inline constexpr int import_base_missing = 41;
inline constexpr int import_too_large = 42;

} // namespace persais::git
