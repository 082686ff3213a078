#include "telegram/api/utf16.hpp"

#include <algorithm>

namespace persais::telegram {

std::size_t character_bytes(std::string_view s) {
    if (s.empty()) return 0;
    auto c = static_cast<unsigned char>(s[0]);
    std::size_t n = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return std::min(n, s.size());
}

std::size_t units_of(std::string_view character) {
    return character.size() == 4 ? 2 : 1;
}

std::size_t units(std::string_view s) {
    std::size_t n = 0;
    for (char c : s) {
        auto b = static_cast<unsigned char>(c);
        if ((b & 0xC0) != 0x80) n += b >= 0xF0 ? 2 : 1; // each character is counted at its first byte
    }
    return n;
}

std::optional<std::size_t> byte_of_unit(std::string_view s, std::size_t unit) {
    std::size_t at = 0, seen = 0;
    while (seen < unit && at < s.size()) {
        auto n = character_bytes(s.substr(at));
        seen += units_of(s.substr(at, n));
        at += n;
    }
    if (seen != unit) return std::nullopt;
    return at;
}

std::string_view first_units(std::string_view s, std::size_t most) {
    std::size_t at = 0, seen = 0;
    while (at < s.size()) {
        auto n = character_bytes(s.substr(at));
        seen += units_of(s.substr(at, n));
        if (seen > most) break;
        at += n;
    }
    return s.substr(0, at);
}

} // namespace persais::telegram
