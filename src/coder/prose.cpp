#include "coder/prose.hpp"

#include "base/text.hpp"

#include <vector>

namespace persais::coder {

namespace {

bool is_mark(std::string_view line, char sign, std::string_view word) {
    auto signs = std::min(line.find_first_not_of(sign), line.size());
    return signs >= 5 && signs <= 9 && text::trim(line.substr(signs)) == word;
}

bool is_fence(std::string_view line) {
    line = text::trim(line);
    return line.starts_with("```") || line.starts_with("~~~");
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> all;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        all.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

/// Removes the lines above an edit that belong to it: a fence, and the file's name (a line of one word) above or below
/// the fence.
void take_heading_off(std::vector<std::string_view>& kept) {
    auto is_name = [](std::string_view line) {
        line = text::trim(line);
        return !line.empty() && !is_fence(line) && line.find(' ') == line.npos;
    };
    bool named = !kept.empty() && is_name(kept.back());
    if (named) kept.pop_back();
    if (!kept.empty() && is_fence(kept.back())) kept.pop_back();
    if (!named && !kept.empty() && is_name(kept.back())) kept.pop_back();
}

} // namespace

std::string prose_of(std::string_view answer) {
    std::vector<std::string_view> kept;
    auto lines = lines_of(answer);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!is_mark(lines[i], '<', "SEARCH")) {
            kept.push_back(lines[i]);
            continue;
        }
        take_heading_off(kept);
        while (i < lines.size() && !is_mark(lines[i], '>', "REPLACE"))
            ++i;
        if (i + 1 < lines.size() && text::trim(lines[i + 1]) == "```") ++i;
    }
    if (kept.size() == lines.size()) return std::string(text::trim(answer));
    std::string out;
    bool blank = true;
    for (auto line : kept) {
        bool empty = text::trim(line).empty();
        if (empty && blank) continue; // where an edit was
        blank = empty;
        out += line;
        out += '\n';
    }
    return std::string(text::trim(out));
}

} // namespace persais::coder
