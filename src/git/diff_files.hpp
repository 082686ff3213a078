#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace persais::git {

/// What became of a file beside its lines, or what it is, when it is no ordinary file.
enum class file_note { none, executable, not_executable, link, no_link, submodule };

/// One file of a diff.
struct file_change {
    std::string path; // the path after the change; of a deleted file, before it
    int insertions = 0;
    int deletions = 0;
    bool binary = false;
    file_note note = file_note::none;
    bool operator==(const file_change&) const = default;
};

/// A path as git writes it in a diff, without the `a/` or `b/` in front; empty: there is no file.
std::string path_in(std::string_view written);

/// The files in the output of `git diff`, in its order; one that became a link, which git shows deleted and made anew,
/// is one file. For a diff that was cut, those that are there.
std::vector<file_change> files_of(std::string_view diff);

} // namespace persais::git
