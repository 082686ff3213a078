#include "base/text.hpp"

#include "base/unicode.hpp"

#include <algorithm>

namespace persais::text {

namespace {

/// The length of the terminal escape sequence at the start of `s` (which starts with ESC).
std::size_t escape(std::string_view s) {
    if (s.size() < 2) return 1;
    std::size_t i = 2;
    if (s[1] == '[') { // CSI: parameters, then one final byte
        while (i < s.size() && (s[i] < 0x40 || s[i] > 0x7E))
            ++i;
        return std::min(i + 1, s.size());
    }
    if (s[1] == ']') { // OSC: until BEL or ESC backslash
        while (i < s.size() && s[i] != '\a' && s[i] != '\x1b')
            ++i;
        return std::min(i < s.size() && s[i] == '\x1b' ? i + 2 : i + 1, s.size());
    }
    return 2;
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

} // namespace

std::string cut(std::string_view s, std::size_t most) {
    if (s.size() <= most) return std::string(s);
    while (most > 0 && continues_character(s[most]))
        --most;
    return std::string(s.substr(0, most));
}

std::size_t characters(std::string_view s) {
    return s.size() - static_cast<std::size_t>(std::ranges::count_if(s, continues_character));
}

std::string first_characters(std::string_view s, std::size_t most) {
    std::size_t at = 0;
    for (; at < s.size(); ++at)
        if (!continues_character(s[at]) && most-- == 0) break;
    return std::string(s.substr(0, at));
}

std::string printable(std::string_view s) {
    std::string out;
    out.reserve(s.size());
    std::size_t line = 0;
    while (!s.empty()) {
        auto c = static_cast<unsigned char>(s[0]);
        std::size_t n = 1;
        if (c == 0x1b) {
            n = escape(s);
        } else if (c == '\r') {
            if (s.size() > 1 && s[1] != '\n') out.resize(line);
        } else if (c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f)) {
            out += s[0];
            if (c == '\n') line = out.size();
        } else if (c >= 0x80) {
            n = unicode::first_character(s).bytes;
            if (n == 0) {
                out += "\xEF\xBF\xBD";
                n = 1;
            } else if (!(n == 2 && c == 0xC2 && static_cast<unsigned char>(s[1]) < 0xA0)) { // C1 controls
                out += s.substr(0, n);
            }
        }
        s.remove_prefix(n);
    }
    return out;
}

bool valid_utf8(std::string_view s) {
    while (!s.empty()) {
        auto n = unicode::first_character(s).bytes;
        if (n == 0) return false;
        s.remove_prefix(n);
    }
    return true;
}

std::string_view trim(std::string_view s) {
    auto first = s.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return s.substr(first, s.find_last_not_of(" \t\r\n") - first + 1);
}

} // namespace persais::text
