#pragma once
#include <string>
#include <string_view>

namespace persais::cli {

/// "0.1.0", as the build says it.
std::string_view version();

/// What `persais version` prints: "persais 0.1.0 (463e455db21a, 2026-11-30)". A build that was not told its commit and
/// its day (the development build, which would be linked anew for each commit) leaves the brackets out.
std::string full_version();
std::string full_version(std::string_view number, std::string_view commit, std::string_view date);

} // namespace persais::cli
