#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace persais::git {

/// One file of a diff.
struct file_change {
    std::string path; // the path after the change; of a deleted file, before it
    int insertions = 0;
    int deletions = 0;
    bool binary = false;
    bool operator==(const file_change&) const = default;
};

/// The files in the output of `git diff`, in its order. For a diff that was cut, those that are there.
std::vector<file_change> files_of(std::string_view diff);

} // namespace persais::git
