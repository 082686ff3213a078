#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace persais::checks {

/// Whether `path` (relative, `/` between its parts) matches a gitignore pattern: `*`, `?`, `[a-z]`, `**`; a leading or
/// inner `/` anchors it at the top, a trailing `/` means a folder and everything below it. No `!` within a single
/// pattern.
bool matches(std::string_view pattern, std::string_view path);

/// The last pattern that matches decides, as in gitignore; one that starts with `!` cancels an earlier match.
bool matches_any(const std::vector<std::string>& patterns, std::string_view path);

/// The same for what must not be touched: a path is named also by a spelling that is the same file on a file system
/// which ignores case, or how a character is written (base/paths.hpp). A `!` counts only for exactly its own spelling.
bool protects(const std::vector<std::string>& patterns, std::string_view path);

} // namespace persais::checks
