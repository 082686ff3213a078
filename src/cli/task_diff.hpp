#pragma once
#include "mechanic/task.hpp"

#include <string>
#include <string_view>

namespace persais::cli {

/// A diff as git prints it without colours, for a terminal: nothing in it is obeyed, and nothing left out
/// (spelled_out). `colour`: headers, hunks and changed lines in git's own colours.
std::string shown_diff(std::string_view diff, bool colour);

/// What `persais diff` says of a task that has nothing to show: nothing made yet, nothing changed.
std::string no_diff_words(const mechanic::task& t);
/// … and of one whose commit is not on this machine's disk.
std::string elsewhere_words(const mechanic::task& t);

} // namespace persais::cli
