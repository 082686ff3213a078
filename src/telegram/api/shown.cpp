#include "telegram/api/shown.hpp"

#include "base/text.hpp"
#include "telegram/api/characters.hpp"
#include "telegram/api/utf16.hpp"

#include <fmt/format.h>

namespace persais::telegram {

namespace {

constexpr std::size_t tab_columns = 4;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// The character at the start; empty: there is none that is valid UTF-8.
std::string_view character(std::string_view s) {
    auto c = s.substr(0, character_bytes(s));
    return text::valid_utf8(c) ? c : std::string_view();
}

/// U+2400 and on are pictures of the controls.
void picture(std::string& out, unsigned char control) {
    out += "\xE2\x90";
    out += static_cast<char>(0x80 + (control == 0x7F ? 0x21 : control));
}

} // namespace

std::string shown(std::string_view s) {
    std::string out;
    out.reserve(s.size());
    std::size_t column = 0;
    char32_t before = 0;
    while (!s.empty()) {
        auto piece = character(s);
        if (piece.empty()) {
            out += replacement;
            before = 0xFFFD;
            ++column;
            s.remove_prefix(1);
            continue;
        }
        s.remove_prefix(piece.size());
        auto c = code_point(piece);
        auto next = character(s);
        bool joined = is_joiner(c) && may_be_joined(before) && !next.empty() && may_be_joined(code_point(next));
        if (c == '\n') {
            out += '\n';
            column = 0;
        } else if (c == '\t') {
            auto n = tab_columns - column % tab_columns;
            out.append(n, ' ');
            column += n;
        } else if (c < 0x20 || c == 0x7F) {
            picture(out, static_cast<unsigned char>(c));
            ++column;
        } else if ((c >= 0x80 && c < 0xA0) || is_hidden(c) || (is_joiner(c) && !joined)) {
            out += fmt::format("‹U+{:04X}›", static_cast<std::uint32_t>(c));
            column += 8;
        } else {
            out += piece;
            ++column;
        }
        before = c;
    }
    return out;
}

std::string shown_words(std::string_view s) {
    return shown(text::printable(s));
}

std::string one_line(std::string_view s, std::size_t most) {
    std::string line;
    for (char c : shown_words(s)) {
        bool blank = c == ' ' || c == '\n';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    if (line.ends_with(' ')) line.pop_back();
    if (units(line) <= most) return line;
    if (most == 0) return {};
    return std::string(text::trim(first_units(line, most - 1))) + "…";
}

} // namespace persais::telegram
