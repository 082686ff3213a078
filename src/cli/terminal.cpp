#include "cli/terminal.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/unicode.hpp"
#include "cli/limits.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

std::size_t columns_of(std::FILE* out) {
    winsize size{};
    if (::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    std::size_t columns = 0;
    if (const char* given = std::getenv("COLUMNS")) std::from_chars(given, given + std::strlen(given), columns);
    return columns > 0 && columns < limits::columns_most ? columns : limits::columns_elsewhere;
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
    if (unicode::columns(line) <= columns) return line;
    if (columns == 0) return {};
    std::size_t bytes = 0;
    for (std::size_t used = 0;;) {
        auto rest = std::string_view(line).substr(bytes);
        auto next = rest.substr(0, unicode::first_cluster_bytes(rest));
        used += unicode::columns(next);
        if (used > columns - 1) break; // one column is for the "…"
        bytes += next.size();
    }
    return std::string(text::trim(std::string_view(line).substr(0, bytes))) + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
    auto taken = unicode::columns(text);
    return std::string(text) + std::string(columns > taken ? columns - taken : 0, ' ');
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
    char32_t before = 0; // as it is shown
    while (!text.empty()) {
        auto [c, bytes] = unicode::first_character(text);
        auto piece = text.substr(0, std::max<std::size_t>(bytes, 1));
        text.remove_prefix(piece.size());
        bool hidden = unicode::is_hidden(c) || (c >= 0x80 && c < 0xA0);
        if (hidden && unicode::shapes_neighbours(before, c, unicode::first_character(text).code)) hidden = false;
        before = hidden || bytes == 0 ? 0 : c;
        if (bytes == 0) {
            out += fmt::format("<{:02X}>", static_cast<unsigned char>(piece[0]));
        } else if (c < 0x20 && c != '\n' && c != '\t') {
            out += '^';
            out += static_cast<char>(c + 0x40);
        } else if (c == 0x7F) {
            out += "^?";
        } else if (hidden) {
            out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(c));
        } else {
            out += piece;
        }
    }
    return out;
}

std::string painted(std::string_view text, std::string_view code, bool colour) {
    return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
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
