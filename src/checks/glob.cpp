#include "checks/glob.hpp"

#include "base/paths.hpp"

namespace persais::checks {

namespace {

/// Whether `c` is in the [..] class at `at`, which is moved behind the `]`. A class without an end matches nothing.
bool in_class(std::string_view pattern, std::size_t& at, char c) {
    std::size_t i = at + 1;
    bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated) ++i;
    bool found = false;
    for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
        char low = pattern[i];
        if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
            found = found || (low <= c && c <= pattern[i + 2]);
            i += 3;
        } else {
            found = found || low == c;
            ++i;
        }
    }
    if (i >= pattern.size()) return false;
    at = i + 1;
    return found != negated && c != '/';
}

bool match_here(std::string_view p, std::string_view s);

/// Matches a pattern that begins with `**/`, `/**` or a plain `*`.
bool match_star(std::string_view p, std::string_view s) {
    if (p.starts_with("**/")) {
        if (match_here(p.substr(3), s)) return true;
        for (std::size_t i = 0; i < s.size(); ++i)
            if (s[i] == '/' && match_here(p.substr(3), s.substr(i + 1))) return true;
        return false;
    }
    if (p == "**") return !s.empty();
    auto rest = p.substr(p.find_first_not_of('*') == std::string_view::npos ? p.size() : p.find_first_not_of('*'));
    for (std::size_t i = 0;; ++i) {
        if (match_here(rest, s.substr(i))) return true;
        if (i == s.size() || s[i] == '/') return false;
    }
}

bool match_here(std::string_view p, std::string_view s) {
    while (!p.empty()) {
        if (p[0] == '*') return match_star(p, s);
        if (s.empty()) return false;
        if (p[0] == '[') {
            std::size_t at = 0;
            if (!in_class(p, at, s[0])) return false;
            p.remove_prefix(at);
        } else if (p[0] == '?') {
            if (s[0] == '/') return false;
            p.remove_prefix(1);
        } else {
            if (p[0] == '\\' && p.size() > 1) p.remove_prefix(1);
            if (p[0] != s[0]) return false;
            p.remove_prefix(1);
        }
        s.remove_prefix(1);
    }
    return s.empty();
}

} // namespace

bool matches(std::string_view pattern, std::string_view path) {
    bool folder = pattern.ends_with('/');
    if (folder) pattern.remove_suffix(1);
    if (pattern.empty()) return false;
    bool tied = pattern.find('/') != std::string_view::npos;
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    // The pattern may match the path itself or any folder above it.
    for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
        bool whole = end == std::string_view::npos;
        auto part = path.substr(0, end);
        if (!(whole && folder)) {
            if (match_here(pattern, part)) return true;
            auto last = part.rfind('/');
            if (!tied && last != std::string_view::npos && match_here(pattern, part.substr(last + 1))) return true;
        }
        if (whole) return false;
    }
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view path) {
    bool named = false;
    for (std::string_view p : patterns) {
        bool takes_back = p.starts_with('!');
        if (matches(takes_back ? p.substr(1) : p, path)) named = !takes_back;
    }
    return named;
}

bool protects(const std::vector<std::string>& patterns, std::string_view path) {
    auto key = paths::key(path), on_ntfs = paths::key_on_ntfs(path);
    bool named = false;
    for (const auto& p : patterns) {
        if (p.starts_with('!')) {
            if (matches(std::string_view(p).substr(1), path)) named = false;
        } else if (!named) {
            auto pattern = paths::key(p);
            named = matches(p, path) || matches(pattern, key) || matches(pattern, on_ntfs);
        }
    }
    return named;
}

} // namespace persais::checks
