#include "git/diff_files.hpp"

#include <charconv>

namespace persais::git {

namespace {

/// git quotes a path that contains a control character, a quote or a byte above 127, as C does.
std::string unquoted(std::string_view word) {
    if (!word.starts_with('"') || !word.ends_with('"') || word.size() < 2) return std::string(word);
    word = word.substr(1, word.size() - 2);
    std::string path;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (word[i] != '\\' || i + 1 == word.size()) {
            path += word[i];
            continue;
        }
        ++i;
        constexpr std::string_view names = "abtnvfr\"\\", values = "\a\b\t\n\v\f\r\"\\";
        if (auto at = names.find(word[i]); at != names.npos) {
            path += values[at];
            continue;
        }
        int byte = 0;
        auto digits = word.substr(i, 3);
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 8);
        path += static_cast<char>(byte);
        i += 2;
    }
    return path;
}

/// Removes the `a/` or `b/` in front.
std::string bare(std::string path) {
    return path.substr(std::min<std::size_t>(2, path.size()));
}

/// The path in `+++ b/dir/file`, which has a tab after a name with a space.
std::string path_after(std::string_view line) {
    line.remove_prefix(4);
    if (line.ends_with('\t')) line.remove_suffix(1);
    auto path = unquoted(line);
    return path == "/dev/null" ? std::string() : bare(std::move(path));
}

/// The path in `diff --git a/x b/x`; both names are the same when no other line has them.
std::string path_of_head(std::string_view names) {
    return bare(unquoted(names.substr(0, names.size() / 2)));
}

} // namespace

std::vector<file_change> files_of(std::string_view diff) {
    std::vector<file_change> all;
    bool in_hunks = false;
    while (!diff.empty()) {
        auto line = diff.substr(0, diff.find('\n'));
        diff.remove_prefix(std::min(line.size() + 1, diff.size()));
        if (line.starts_with("diff --git ")) {
            all.push_back({.path = path_of_head(line.substr(11))});
            in_hunks = false;
        } else if (all.empty()) {
            continue;
        } else if (line.starts_with("@@ ")) {
            in_hunks = true;
        } else if (in_hunks) {
            if (line.starts_with('+')) ++all.back().insertions;
            if (line.starts_with('-')) ++all.back().deletions;
        } else if (line.starts_with("--- ") || line.starts_with("+++ ")) {
            if (auto path = path_after(line); !path.empty()) all.back().path = std::move(path);
        } else if (line.starts_with("rename to ")) {
            all.back().path = unquoted(line.substr(10));
        } else if (line.starts_with("Binary files ") || line == "GIT binary patch") {
            all.back().binary = true;
        }
    }
    return all;
}

} // namespace persais::git
