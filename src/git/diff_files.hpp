#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace persais::git {

/// One file of a diff.
struct file_change {
    std::string path; // as it is called afterwards; of one that is gone, before
    int insertions = 0;
    int deletions = 0;
    bool binary = false;
    bool operator==(const file_change&) const = default;
};

/// The files of what `git diff` printed, in its order. A diff that was cut gives what is there.
std::vector<file_change> files_of(std::string_view diff);

} // namespace persais::git
