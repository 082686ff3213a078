#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace persais::checks {

/// Whether `path` (relative, `/` between its parts) is named by a gitignore pattern: `*`, `?`, `[a-z]`, `**`, a leading
/// or inner `/` ties it to the top, a trailing `/` names a folder and all below it. No `!` within a single pattern.
bool matches(std::string_view pattern, std::string_view path);

/// The last pattern that matches decides, as in gitignore; one that starts with `!` takes back.
bool matches_any(const std::vector<std::string>& patterns, std::string_view path);

} // namespace persais::checks
