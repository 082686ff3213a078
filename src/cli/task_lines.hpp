#pragma once
#include "mechanic/task.hpp"

#include <string>

/// What a task made, in lines that `persais show` and the end of `persais run` share. Not yet printable: others wrote
/// it.
namespace persais::cli {

/// The branch, what of the task is on it, and what it stands on.
std::string branch_words(const mechanic::task& t);
/// "2 files, +14 -3".
std::string change_words(const mechanic::diff_size& s);
/// Its files that are pointed out: CI definitions, lock files, licences; empty: none.
std::string noted_words(const mechanic::work& w);
/// "npm ci (.persais.toml)", and that it failed; empty: there is none.
std::string setup_words(const mechanic::facts& k);
/// The last lines of the red checks; empty: they are not red.
std::string red_words(const mechanic::facts& k);
/// What the agent said last, cut; empty: nothing.
std::string agent_words(const mechanic::facts& k);

} // namespace persais::cli
