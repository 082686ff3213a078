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

/// The path in `+++ b/dir/file`.
std::string path_after(std::string_view line) {
    return path_in(line.substr(4));
}

/// The path in `diff --git a/x b/x`; both names are the same when no other line has them.
std::string path_of_head(std::string_view names) {
    return bare(unquoted(names.substr(0, names.size() / 2)));
}

/// `old` and `now`: git's modes, "100644"; empty: there is no file.
file_note note_of(std::string_view old, std::string_view now) {
    if (now == "120000") return file_note::link;
    if (now == "160000" || old == "160000") return file_note::submodule;
    if (old == "120000") return now.empty() ? file_note::link : file_note::no_link;
    if (now == "100755" && old != now) return file_note::executable;
    if (now == "100644" && old == "100755") return file_note::not_executable;
    return file_note::none;
}

/// One of several parts of a diff, as long as it is being read.
struct read_part {
    file_change file;
    std::string_view old, now; // modes, where the diff says them
};

/// Reads a line with a mode; false: it is another one.
bool read_mode(std::string_view line, read_part& into) {
    auto mode = [&](std::string_view begin, std::string_view& to) {
        if (!line.starts_with(begin)) return false;
        to = line.substr(begin.size());
        return true;
    };
    if (line.starts_with("index ") && line.contains(' ') && line.size() > 7 && line[line.size() - 7] == ' ')
        into.old = into.now = line.substr(line.size() - 6);
    return mode("old mode ", into.old) || mode("new mode ", into.now) || mode("new file mode ", into.now) ||
           mode("deleted file mode ", into.old);
}

} // namespace

std::string path_in(std::string_view written) {
    if (written.ends_with('\t')) written.remove_suffix(1); // behind a name with a space
    auto path = unquoted(written);
    return path == "/dev/null" ? std::string() : bare(std::move(path));
}

std::vector<file_change> files_of(std::string_view diff) {
    std::vector<read_part> parts;
    bool in_hunks = false;
    while (!diff.empty()) {
        auto line = diff.substr(0, diff.find('\n'));
        diff.remove_prefix(std::min(line.size() + 1, diff.size()));
        if (line.starts_with("diff --git ")) {
            parts.push_back({.file = {.path = path_of_head(line.substr(11))}, .old = {}, .now = {}});
            in_hunks = false;
            continue;
        }
        if (parts.empty()) continue;
        auto& file = parts.back().file;
        if (line.starts_with("@@ ")) {
            in_hunks = true;
        } else if (in_hunks) {
            if (line.starts_with('+')) ++file.insertions;
            if (line.starts_with('-')) ++file.deletions;
        } else if (line.starts_with("--- ") || line.starts_with("+++ ")) {
            if (auto path = path_after(line); !path.empty()) file.path = std::move(path);
        } else if (line.starts_with("rename to ")) {
            file.path = unquoted(line.substr(10));
        } else if (line.starts_with("Binary files ") || line == "GIT binary patch") {
            file.binary = true;
        } else {
            read_mode(line, parts.back());
        }
    }
    std::vector<file_change> all;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto& part = parts[i];
        if (!all.empty() && all.back().path == part.file.path) { // it became, or was, a link
            auto& before = all.back();
            before.insertions += part.file.insertions;
            before.deletions += part.file.deletions;
            before.binary = before.binary || part.file.binary;
            before.note = note_of(parts[i - 1].old, part.now);
        } else {
            part.file.note = note_of(part.old, part.now);
            all.push_back(std::move(part.file));
        }
    }
    return all;
}

} // namespace persais::git
