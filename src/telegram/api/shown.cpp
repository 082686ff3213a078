#include "telegram/api/shown.hpp"

#include "base/text.hpp"
#include "base/unicode.hpp"
#include "telegram/api/utf16.hpp"

#include <fmt/format.h>

namespace persais::telegram {

namespace {

constexpr std::size_t tab_columns = 4;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Telegram removes these accents from every text.
bool is_dropped(char32_t c) {
    return c == 0x030A || c == 0x0333 || c == 0x033F;
}

/// U+2400 and the following are pictures of the control characters.
void picture(std::string& out, unsigned char control) {
    out += "\xE2\x90";
    out += static_cast<char>(0x80 + (control == 0x7F ? 0x21 : control));
}

} // namespace

std::string shown(std::string_view s) {
    std::string out;
    out.reserve(s.size());
    std::size_t column = 0;
    char32_t before = 0; // as it is shown
    while (!s.empty()) {
        auto [c, bytes] = unicode::first_character(s);
        if (bytes == 0) {
            out += replacement;
            before = 0;
            ++column;
            s.remove_prefix(1);
            continue;
        }
        auto piece = s.substr(0, bytes);
        s.remove_prefix(bytes);
        bool hidden = is_dropped(c) || unicode::is_hidden(c);
        if (hidden && unicode::shapes_neighbours(before, c, unicode::first_character(s).code)) hidden = false;
        before = hidden ? 0 : c;
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
        } else if ((c >= 0x80 && c < 0xA0) || hidden) {
            out += fmt::format("‹U+{:04X}›", static_cast<std::uint32_t>(c));
            column += 8;
        } else {
            out += piece;
            ++column;
        }
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
