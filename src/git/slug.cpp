#include "git/git.hpp"

#include <array>
#include <cstdint>

namespace persais::git {
namespace {

constexpr std::size_t slug_characters = 40;

// For а … я, then ѐ … џ: the spelling of road signs and passports, approximately.
constexpr std::array<std::string_view, 48> cyrillic = {
    "a", "b", "v",  "g",  "d",  "e",  "zh", "z",  "i",  "y",    "k",  "l", "m",  "n", "o",  "p",
    "r", "s", "t",  "u",  "f",  "kh", "ts", "ch", "sh", "shch", "",   "y", "",   "e", "yu", "ya",
    "e", "e", "dj", "gj", "ye", "dz", "i",  "yi", "j",  "lj",   "nj", "c", "kj", "i", "u",  "dz"};

// For U+00E0 … U+00FF.
constexpr std::array<std::string_view, 32> latin = {"a", "a", "a", "a", "a", "a", "ae", "c", "e",  "e", "e",
                                                    "e", "i", "i", "i", "i", "d", "n",  "o", "o",  "o", "o",
                                                    "o", "",  "o", "u", "u", "u", "u",  "y", "th", "y"};

/// The next character of valid UTF-8; any other byte is skipped and gives 0.
std::uint32_t next(std::string_view& s) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    unsigned char first = byte(0);
    std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    if (length == 0 || s.size() < length) {
        s.remove_prefix(1);
        return 0;
    }
    std::uint32_t c = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i)
        c = c << 6 | (byte(i) & 0x3fU);
    s.remove_prefix(length);
    return c;
}

/// The text for the character in a slug; nullopt: a separator.
std::optional<std::string> written(std::uint32_t c) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return std::string(1, static_cast<char>(c));
    if (c == '\'' || c == 0x2019) return ""; // don't → dont
    if (c >= 0x410 && c <= 0x42f) c += 0x20; // А … Я
    if (c >= 0x400 && c <= 0x40f) c += 0x50; // Ѐ … Џ
    if (c >= 0x430 && c <= 0x45f) return std::string(cyrillic[c - 0x430]);
    if (c == 0x490 || c == 0x491) return "g";
    if (c >= 0xc0 && c <= 0xde && c != 0xd7) c += 0x20;
    if (c == 0xdf) return "ss";
    if (c >= 0xe0 && c <= 0xff && c != 0xf7) return std::string(latin[c - 0xe0]);
    return std::nullopt;
}

std::string slug(std::string_view instruction) {
    std::string made;
    bool gap = false;
    while (!instruction.empty() && made.size() <= slug_characters) {
        auto piece = written(next(instruction));
        if (!piece) {
            gap = !made.empty();
        } else if (!piece->empty()) {
            if (gap) made += '-';
            gap = false;
            made += *piece;
        }
    }
    if (made.size() > slug_characters) {
        // Cut between words, where that leaves enough to read.
        auto word = made.rfind('-', slug_characters);
        made.resize(word != std::string::npos && word >= slug_characters / 2 ? word : slug_characters);
        while (made.ends_with('-'))
            made.pop_back();
    }
    return made.empty() ? "change" : made;
}

} // namespace

std::string branch_name(std::string_view task, std::string_view instruction) {
    auto from = std::min(instruction.find_first_not_of(" \t\r\n"), instruction.size());
    return "mechanic/" + std::string(task) + "-" + slug(instruction.substr(from, instruction.find('\n', from) - from));
}

} // namespace persais::git
