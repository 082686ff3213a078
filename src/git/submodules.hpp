#pragma once
#include "git/git.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persais::git {

/// The address of a submodule as git understands it: `./x` and `../x` are relative to the address of the repository
/// that it is in. An error when it leads out of that repository's host.
outcome<std::string> submodule_address(std::string_view repository, std::string_view written);

/// Parses `git ls-tree -r -z` and the output of `git config -z --get-regexp` on .gitmodules. A submodule that
/// .gitmodules does not name, or that it names without an address, has an empty `written`; one with `update = none` is
/// left out, as git does. An error for a name that is no folder's, or that is inside the folder of another.
outcome<std::vector<submodule>> read_submodules(std::string_view tree, std::string_view settings);

} // namespace persais::git
