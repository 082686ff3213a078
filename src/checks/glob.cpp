#include "checks/glob.hpp"

#include "base/paths.hpp"

#include <algorithm>
#include <bitset>

namespace persais::checks {

namespace {

/// One piece of a pattern.
struct token {
    enum class kind {
        literal,
        any,        // ?
        one_of,     // [a-z]
        star,       // *
        folders,    // **/, which may stand for nothing
        in_folders, // the inside of what it stands for
        rest,       // ** at the end: something
        in_rest     // and whatever follows
    };
    kind what;
    char c = 0;
    std::bitset<256> set = {}; // empty: a class without an end, which matches nothing
};

std::size_t number_of(char c) {
    return static_cast<unsigned char>(c);
}

/// The [..] class at `at`, which is moved behind the `]`; to the end where there is none.
std::bitset<256> class_at(std::string_view pattern, std::size_t& at) {
    std::size_t i = at + 1;
    bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated) ++i;
    std::bitset<256> set;
    for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
        bool range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
        for (int c = pattern[i]; c <= (range ? pattern[i + 2] : pattern[i]); ++c)
            set.set(number_of(static_cast<char>(c)));
        i += range ? 3 : 1;
    }
    at = std::min(i + 1, pattern.size());
    if (i >= pattern.size()) return {};
    if (negated) set.flip();
    return set.reset(number_of('/'));
}

std::vector<token> tokens_of(std::string_view pattern) {
    using enum token::kind;
    std::vector<token> all;
    for (std::size_t at = 0; at < pattern.size();) {
        auto rest_of_it = pattern.substr(at);
        if (rest_of_it.starts_with("**/")) {
            all.push_back({folders});
            all.push_back({in_folders});
            at += 3;
        } else if (rest_of_it == "**") {
            all.push_back({rest});
            all.push_back({in_rest});
            at += 2;
        } else if (pattern[at] == '*') {
            all.push_back({star});
            at = std::min(pattern.find_first_not_of('*', at), pattern.size());
        } else if (pattern[at] == '[') {
            all.push_back({.what = one_of, .set = class_at(pattern, at)});
        } else if (pattern[at] == '?') {
            all.push_back({any});
            ++at;
        } else {
            at += pattern[at] == '\\' && at + 1 < pattern.size();
            all.push_back({literal, pattern[at]});
            ++at;
        }
    }
    return all;
}

/// All the ways in which a pattern may have matched what was read so far. They are followed at once, so that a path
/// takes as long as it is, times the pattern: the paths of a change are its author's, and a stack of tries takes years.
class attempt {
public:
    explicit attempt(const std::vector<token>& pattern) : pattern_(pattern), at_(pattern.size() + 1), next_(at_) {}

    void begin() {
        std::ranges::fill(at_, false);
        reach(at_, 0);
    }
    bool matched() const { return at_.back(); }

    void read(char c) {
        using enum token::kind;
        std::ranges::fill(next_, false);
        bool slash = c == '/';
        for (std::size_t i = 0; i < pattern_.size(); ++i) {
            if (!at_[i]) continue;
            const auto& t = pattern_[i];
            bool takes_one = (t.what == literal && t.c == c) || (t.what == any && !slash) ||
                             (t.what == one_of && t.set[number_of(c)]) || t.what == rest ||
                             (t.what == in_folders && slash);
            if (takes_one) reach(next_, i + 1);
            if ((t.what == star && !slash) || t.what == in_folders || t.what == in_rest) reach(next_, i);
        }
        at_.swap(next_);
    }

private:
    /// Also what comes behind pieces that may stand for nothing.
    void reach(std::vector<char>& set, std::size_t i) {
        using enum token::kind;
        for (; !set[i]; ++i) {
            set[i] = true;
            if (i == pattern_.size()) return;
            if (pattern_[i].what == folders)
                set[++i] = true;
            else if (pattern_[i].what != star && pattern_[i].what != in_rest)
                return;
        }
    }

    const std::vector<token>& pattern_;
    std::vector<char> at_, next_;
};

} // namespace

bool matches(std::string_view pattern, std::string_view path) {
    bool folder = pattern.ends_with('/');
    if (folder) pattern.remove_suffix(1);
    if (pattern.empty()) return false;
    bool tied = pattern.find('/') != std::string_view::npos;
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    auto tokens = tokens_of(pattern);
    // The pattern may match the path itself or any folder above it, and the last part of either when it has no slash.
    attempt from_top(tokens), from_part(tokens);
    from_top.begin();
    for (std::size_t i = 0;; ++i) {
        bool whole = i == path.size();
        if ((whole && !folder) || (!whole && path[i] == '/'))
            if (from_top.matched() || (!tied && from_part.matched())) return true;
        if (whole) return false;
        from_top.read(path[i]);
        if (tied) continue;
        if (path[i] == '/')
            from_part.begin();
        else
            from_part.read(path[i]);
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
