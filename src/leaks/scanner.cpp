#include "leaks/scanner.hpp"

#include "base/text.hpp"
#include "leaks/limits.hpp"
#include "leaks/rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace persais::leaks {

namespace {

constexpr std::string_view weakest = "generic-api-key"; // another rule says more of the same secret

double entropy(std::string_view s) {
    std::array<int, 256> seen{};
    for (char c : s)
        ++seen[static_cast<unsigned char>(c)];
    double all = 0;
    for (int n : seen)
        if (n > 0) all -= n / static_cast<double>(s.size()) * std::log2(n / static_cast<double>(s.size()));
    return all;
}

std::string_view view(const re2::StringPiece& piece) {
    return {piece.data(), piece.size()};
}

/// The lines that the match touches.
std::string_view lines_of(std::string_view text, std::string_view match) {
    auto from = static_cast<std::size_t>(match.data() - text.data());
    auto begin = from == 0 ? 0 : text.rfind('\n', from - 1) + 1; // npos + 1 is 0
    auto end = std::min(text.find('\n', from + match.size()), text.size());
    return text.substr(begin, end - begin);
}

/// The group that is the secret.
std::string_view secret_in(const rule& of, const std::vector<re2::StringPiece>& groups) {
    auto chosen = static_cast<std::size_t>(of.secret_group);
    if (chosen > 0) return chosen < groups.size() ? view(groups[chosen]) : std::string_view();
    for (std::size_t i = 1; i < groups.size(); ++i)
        if (!groups[i].empty()) return view(groups[i]);
    return view(groups[0]);
}

/// Calls `tell(secret)` with each match of the rule that is not allowed.
void each_match(const rule_set& rules, const rule& of, std::string_view path, std::string_view text, const auto& tell) {
    if (of.path && !of.path->in(path)) return;
    if (std::ranges::any_of(of.allowed, [&](const auto& list) { return list.path_alone(path); })) return;
    const auto& regex = of.regex->compiled();
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) + 1);
    for (std::size_t at = 0; at < text.size();) {
        if (!regex.Match(re2::StringPiece(text), at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                         static_cast<int>(groups.size())))
            return;
        auto match = view(groups[0]);
        at = static_cast<std::size_t>(match.data() - text.data()) + std::max<std::size_t>(match.size(), 1);
        while (match.ends_with('\n'))
            match.remove_suffix(1);
        while (match.starts_with('\n'))
            match.remove_prefix(1);
        auto secret = secret_in(of, groups);
        while (secret.ends_with('\n'))
            secret.remove_suffix(1);
        if (secret.empty() || (of.entropy > 0 && entropy(secret) <= of.entropy)) continue;
        auto line = lines_of(text, match);
        if (rules.allows(path, secret, match, line)) continue;
        if (std::ranges::any_of(of.allowed, [&](const auto& list) { return list.takes(path, secret, match, line); }))
            continue;
        tell(secret);
    }
}

} // namespace

bool is_rule(std::string_view name) {
    return std::ranges::any_of(rule_set::known().all(), [&](const auto& each) { return each.id == name; });
}

std::string masked(std::string_view secret) {
    constexpr std::size_t shown = 4, least_hidden = 8;
    auto line = text::printable(secret.substr(0, secret.find('\n')));
    return text::first_characters(line, secret.size() >= shown + least_hidden ? shown : 1) + "…";
}

scanner::scanner(std::size_t most) : most_(most) {}
scanner::~scanner() = default;

void scanner::new_file(std::string_view path) {
    const auto& rules = rule_set::known();
    if (full() || rules.passes_over(path)) return;
    for (const auto& each : rules.all())
        if (!each.regex && each.path && each.path->in(path) && !full())
            found_.push_back({std::string(path), 0, each.id, each.about, {}});
}

void scanner::line(std::string_view path, int number, std::string_view text) {
    if (full()) return;
    bool goes_on = path == path_ && (number == next_ || number + 1 == next_) && !text_.empty();
    if (!goes_on) {
        look(true);
        path_ = path;
        first_ = number;
    } else if (number == next_) { // else it is the next piece of the same line
        text_ += '\n';
    }
    text_ += text;
    next_ = number + 1;
    if (text_.size() >= limits::leak_window_bytes) look(false);
}

void scanner::look(bool last) {
    const auto& rules = rule_set::known();
    if (!text_.empty() && !full() && !rules.passes_over(path_)) {
        std::string_view text = text_;
        for (const auto* each : rules.about(text)) {
            each_match(rules, *each, path_, text, [&](std::string_view secret) {
                auto begin = text.substr(0, static_cast<std::size_t>(secret.data() - text.data()));
                finding one{path_, first_ + static_cast<int>(std::ranges::count(begin, '\n')), each->id, each->about,
                            std::string(secret)};
                if (!full() && std::ranges::find(found_, one) == found_.end()) found_.push_back(std::move(one));
            });
        }
    }
    if (last) {
        text_.clear();
        return;
    }
    auto keep = text_.size() - std::min(text_.size(), limits::leak_overlap_bytes);
    if (auto line = text_.find('\n', keep); line != text_.npos) keep = line + 1;
    first_ += static_cast<int>(std::ranges::count(std::string_view(text_).substr(0, keep), '\n'));
    text_.erase(0, keep);
}

std::vector<finding> scanner::finish() {
    look(true);
    std::vector<finding> kept;
    for (const auto& one : found_) {
        bool said_better = one.rule == weakest && std::ranges::any_of(found_, [&](const finding& other) {
                               return other.rule != weakest && other.path == one.path && other.line == one.line &&
                                      (other.secret.contains(one.secret) || one.secret.contains(other.secret));
                           });
        if (!said_better) kept.push_back(one);
    }
    found_.clear();
    return kept;
}

} // namespace persais::leaks
