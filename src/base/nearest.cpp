#include "base/nearest.hpp"

#include "base/told.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::text {

namespace {

constexpr std::size_t typed_most = 64; // a longer word is a mistake of another kind, and costs time to compare

std::string lower(std::string_view s) {
    std::string out(s);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// The edit distance: letters to change, add, leave out or swap with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j)
        d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

} // namespace

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> words) {
    if (typed.empty() || typed.size() > typed_most) return std::nullopt;
    const auto word = lower(typed);
    if (word.starts_with('-') && word.size() == 2) return std::nullopt; // its one letter is all that it says
    const std::string* best = nullptr;
    const std::size_t most = std::max<std::size_t>(1, std::min<std::size_t>(4, word.size() / 3));
    std::size_t least = most + 1;
    for (const auto& each : words) {
        auto candidate = lower(each);
        // "stat" means "status"; "st" is ambiguous. A word that goes on behind a candidate means it unless another is
        // closer: "quick-tw" is "quick-two" and not "quick".
        bool long_enough = word.size() >= 3 && candidate.size() >= 3;
        bool begun = long_enough && candidate.starts_with(word);
        auto d = begun ? 0 : distance(word, candidate);
        if (long_enough && word.starts_with(candidate)) d = std::min(d, most);
        if (d < least) {
            least = d;
            best = &each;
        }
    }
    return best ? std::optional(*best) : std::nullopt;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string> words) {
    auto near = nearest(typed, words);
    return near ? told<"; did you mean `{}`?", "; может быть, `{}`?">(*near) : std::string();
}

} // namespace persais::text
