#pragma once
#include "git/layout.hpp"

#include <string_view>

/// Commits that the remote gave though none of its branches had them, as mirror::fetch_commit asks for them.
namespace persais::git {

/// Each has a ref below this, of its own id.
inline constexpr std::string_view asked_for_refs = "refs/persais/asked-for/";

/// Deletes the refs of those that a branch or a tag has by now, and of those that were first seen here
/// limits::unneeded_kept ago: who needs one later asks the remote again. Nothing is deleted while another process has
/// the mirror alone.
awaitable<> forget_asked_for(layout at, std::filesystem::file_time_type now);

} // namespace persais::git
