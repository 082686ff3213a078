#include "telegram/api/markdown.hpp"

#include "base/text.hpp"
#include "telegram/api/message_text.hpp"

namespace persais::telegram {

namespace {

constexpr std::string_view fence = "```";

/// Where the mark that closes a span on the same line begins; npos: there is none, or nothing between.
std::size_t closing(std::string_view s, std::string_view mark) {
    auto end = s.find(mark);
    if (end == s.npos || end == 0 || s.substr(0, end).find('\n') != s.npos) return s.npos;
    return end;
}

styled line_of(std::string_view s) {
    styled out;
    while (!s.empty()) {
        auto stop = s.find_first_of("`*");
        out += plain(s.substr(0, stop));
        if (stop == s.npos) break;
        s.remove_prefix(stop);
        std::string_view mark = s.starts_with("**") ? "**" : s.starts_with('`') ? "`" : "";
        auto end = mark.empty() ? s.npos : closing(s.substr(mark.size()), mark);
        if (end == s.npos) { // an ordinary character
            auto n = std::max<std::size_t>(1, mark.size());
            out += plain(s.substr(0, n));
            s.remove_prefix(n);
            continue;
        }
        auto inside = s.substr(mark.size(), end);
        out += mark == "`" ? code(inside) : bold(inside);
        s.remove_prefix(end + 2 * mark.size());
    }
    return out;
}

/// "cpp" of "```cpp title"; empty when it does not begin with a word.
std::string_view language_of(std::string_view info) {
    auto n = info.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-#_");
    return info.substr(0, n);
}

} // namespace

styled from_markdown(std::string_view words) {
    styled out;
    while (!words.empty()) {
        auto end = words.find('\n');
        auto line = words.substr(0, end);
        auto after = end == words.npos ? std::string_view() : words.substr(end + 1);
        auto begun = text::trim(line);
        auto close = begun.starts_with(fence) ? ("\n" + std::string(after)).find("\n```") : words.npos;
        if (close != words.npos) { // where the closing fence begins in `after`
            auto inside = after.substr(0, close == 0 ? 0 : close - 1);
            if (!text::trim(inside).empty()) out += pre(inside, language_of(text::trim(begun.substr(fence.size()))));
            auto rest = after.substr(close);
            words = rest.substr(std::min(rest.find('\n'), rest.size()));
            continue;
        }
        out += line_of(line);
        if (end != words.npos) out += plain("\n");
        words = after;
    }
    return out;
}

} // namespace persais::telegram
