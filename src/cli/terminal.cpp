#include "cli/terminal.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/limits.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

/// The bytes of the character at the start, by its first byte; what is no UTF-8 counts as one.
std::size_t character(std::string_view s) {
    auto c = static_cast<unsigned char>(s[0]);
    std::size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return n <= s.size() && text::valid_utf8(s.substr(0, n)) ? n : 1;
}

char32_t code_point(std::string_view s) {
    auto b = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(s[i])); };
    switch (s.size()) {
    case 1:
        return b(0);
    case 2:
        return (b(0) & 0x1F) << 6 | (b(1) & 0x3F);
    case 3:
        return (b(0) & 0x0F) << 12 | (b(1) & 0x3F) << 6 | (b(2) & 0x3F);
    default:
        return (b(0) & 0x07) << 18 | (b(1) & 0x3F) << 12 | (b(2) & 0x3F) << 6 | (b(3) & 0x3F);
    }
}

/// These make a reader see other text than a compiler does ("Trojan Source", CVE-2021-42574), or nothing at all.
bool misleads(char32_t c) {
    return (c >= 0x80 && c < 0xA0) || c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

} // namespace

std::size_t columns_of(std::FILE* out) {
    winsize size{};
    if (::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    std::size_t columns = 0;
    if (const char* given = std::getenv("COLUMNS")) std::from_chars(given, given + std::strlen(given), columns);
    return columns > 0 && columns < limits::columns_most ? columns : limits::columns_elsewhere;
}

std::size_t shown_width(std::string_view text) {
    // fmt knows how wide characters are, and says so only by how it pads: each column that is missing is one space.
    const auto more = text.size() + 1;
    return more - (fmt::format("{:<{}}", text, more).size() - text.size());
}

std::string fit(std::string_view text, std::size_t columns) {
    std::string line;
    for (char c : text::printable(text)) {
        bool blank = c == ' ' || c == '\t' || c == '\n';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    if (line.ends_with(' ')) line.pop_back();
    if (shown_width(line) <= columns) return line;
    if (columns == 0) return {};
    std::size_t bytes = 0;
    for (std::size_t used = 0;;) {
        auto next = std::string_view(line).substr(bytes, character(std::string_view(line).substr(bytes)));
        used += shown_width(next);
        if (used > columns - 1) break; // one is for the mark
        bytes += next.size();
    }
    return std::string(text::trim(std::string_view(line).substr(0, bytes))) + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
    return fmt::format("{:<{}}", text, columns);
}

std::string indented(std::string_view text, std::string_view indent) {
    std::string out;
    auto clean = text::printable(text);
    auto shown = std::string_view(clean);
    while (!shown.empty() && std::strchr(" \t\n", shown.back()))
        shown.remove_suffix(1);
    for (char c : shown) {
        out += c;
        if (c == '\n') out += indent;
    }
    return out;
}

std::string spelled_out(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        auto c = static_cast<unsigned char>(text[0]);
        auto piece = text.substr(0, character(text));
        if (c < 0x20 && c != '\n' && c != '\t') {
            out += '^';
            out += static_cast<char>(c + 0x40);
        } else if (c == 0x7F) {
            out += "^?";
        } else if (c >= 0x80 && piece.size() == 1) {
            out += fmt::format("<{:02X}>", c);
        } else if (c >= 0x80 && misleads(code_point(piece))) {
            out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(code_point(piece)));
        } else {
            out += piece;
        }
        text.remove_prefix(piece.size());
    }
    return out;
}

std::string json_line(const boost::json::value& object) {
    std::string out;
    auto text = to_text(object);
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        bool control = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (c == 0x7F || control)
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(control ? text[++i] : text[i]));
        else
            out += text[i];
    }
    return out + "\n";
}

bool put(std::FILE* out, std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0;
}

} // namespace persais::cli
