#pragma once
#include "mechanic/task.hpp"

#include <string>
#include <string_view>

namespace persais::cli {

/// A diff as git prints it without colours, for a terminal: escape sequences have no effect, and nothing is left out
/// (spelled_out). `colour`: headers, hunks and changed lines in git's own colours.
std::string shown_diff(std::string_view diff, bool colour);

/// What `persais diff` says about a task without a diff: nothing made yet, or nothing changed.
std::string no_diff_words(const mechanic::task& t);
/// What it says about a task whose commit is not on this machine's disk.
std::string elsewhere_words(const mechanic::task& t);

} // namespace persais::cli
