#include "telegram/api/characters.hpp"

#include <algorithm>
#include <array>

namespace persais::telegram {

namespace {

struct range {
    char32_t first, last;
};

template <std::size_t N>
bool within(const std::array<range, N>& all, char32_t c) {
    return std::ranges::any_of(all, [&](const range& r) { return r.first <= c && c <= r.last; });
}

} // namespace

char32_t code_point(std::string_view s) {
    auto b = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(s[i])); };
    switch (s.size()) {
    case 1:
        return b(0);
    case 2:
        return (b(0) & 0x1F) << 6 | (b(1) & 0x3F);
    case 3:
        return (b(0) & 0x0F) << 12 | (b(1) & 0x3F) << 6 | (b(2) & 0x3F);
    case 4:
        return (b(0) & 0x07) << 18 | (b(1) & 0x3F) << 12 | (b(2) & 0x3F) << 6 | (b(3) & 0x3F);
    default:
        return 0xFFFD;
    }
}

bool is_hidden(char32_t c) {
    // U+030A, U+0333 and U+033F are accents that Telegram takes out of every text.
    static constexpr std::array all{
        range{0xAD, 0xAD},       range{0x030A, 0x030A},   range{0x0333, 0x0333}, range{0x033F, 0x033F},
        range{0x034F, 0x034F},   range{0x061C, 0x061C},   range{0x115F, 0x1160}, range{0x17B4, 0x17B5},
        range{0x180B, 0x180F},   range{0x200B, 0x200B},   range{0x200E, 0x200F}, range{0x2028, 0x202E},
        range{0x2060, 0x206F},   range{0x3164, 0x3164},   range{0xFDD0, 0xFDEF}, range{0xFE00, 0xFE0D},
        range{0xFEFF, 0xFEFF},   range{0xFFA0, 0xFFA0},   range{0xFFF0, 0xFFFC}, range{0x1BCA0, 0x1BCA3},
        range{0x1D173, 0x1D17A}, range{0xE0000, 0xE0FFF},
    };
    return within(all, c) || (c & 0xFFFE) == 0xFFFE;
}

bool is_joiner(char32_t c) {
    return c == 0x200C || c == 0x200D;
}

bool may_be_joined(char32_t c) {
    static constexpr std::array all{
        range{0x0600, 0x0DFF}, range{0x2190, 0x21FF}, range{0x2600, 0x27BF},
        range{0x2B00, 0x2BFF}, range{0xFE0F, 0xFE0F}, range{0x1F000, 0x1FAFF},
    };
    return within(all, c) && !is_hidden(c);
}

bool is_attached(char32_t c) {
    static constexpr std::array all{
        range{0x0300, 0x036F}, range{0x0483, 0x0489},   range{0x0591, 0x05BD}, range{0x064B, 0x065F},
        range{0x093A, 0x094F}, range{0x0E31, 0x0E3A},   range{0x1AB0, 0x1AFF}, range{0x1DC0, 0x1DFF},
        range{0x200C, 0x200D}, range{0x20D0, 0x20FF},   range{0x3099, 0x309A}, range{0xFE00, 0xFE0F},
        range{0xFE20, 0xFE2F}, range{0x1F3FB, 0x1F3FF},
    };
    return within(all, c);
}

bool is_flag_half(char32_t c) {
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

} // namespace persais::telegram
