#include "config/text.hpp"

#include <algorithm>

namespace persais::config {

bool same_letters(std::string_view left, std::string_view right) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string shorten(std::string_view value) {
    constexpr std::size_t most = 80;
    auto shown = persais::text::printable(persais::text::cut(value, most));
    std::ranges::replace(shown, '\n', ' ');
    if (value.size() > most) shown += "…";
    return shown;
}

std::string_view without_comment(std::string_view text) {
    text = trim(text);
    if (text == "#" || text.starts_with("# ") || text.starts_with("#\t")) return {};
    for (std::size_t at = text.find('#'); at != text.npos; at = text.find('#', at + 1))
        if (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) return trim(text.substr(0, at));
    return text;
}

} // namespace persais::config
