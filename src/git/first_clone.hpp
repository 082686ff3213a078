#pragma once
#include "git/address.hpp"
#include "git/layout.hpp"
#include "git/refs.hpp"

namespace persais::git {

/// Fetches into a bare repository. `refspecs`: one on each line. `progress` gets git's progress lines that name
/// nobody's branch.
awaitable<outcome<void>> fetch_refs(layout at, std::filesystem::path into, address from, remote where,
                                    std::string refspecs, std::function<void(std::string_view)> progress);

/// The refspec for everything that people push.
inline constexpr const char* all_branches = "+refs/heads/*:refs/heads/*\n";

/// Makes the mirror. One that is not there within `patience` is begun anew with the newest commits of `branch` alone,
/// so that the first task need not wait for the history of everything; then it is partial until `complete` was called.
awaitable<outcome<void>> first_clone(layout at, address from, remote where, remote_refs there,
                                     std::optional<std::string> branch, std::chrono::milliseconds patience,
                                     std::function<void(std::string_view)> progress);

/// Whether the mirror has the newest commits of some branches only.
bool is_partial(const layout& at);
/// The address of a partial mirror's remote.
std::string remote_of_partial(const layout& at);

/// The refresh of a partial mirror: its branches, `branch`, and those that tasks made.
awaitable<outcome<void>> follow_partly(layout at, address from, remote where, remote_refs there,
                                       std::optional<std::string> branch,
                                       std::function<void(std::string_view)> progress);

} // namespace persais::git
