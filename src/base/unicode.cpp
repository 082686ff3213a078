#include "base/unicode.hpp"

#include <algorithm>
#include <utf8proc.h>

namespace persais::unicode {

namespace {

constexpr char32_t not_joined = 0x200C, joined = 0x200D; // ZERO WIDTH NON-JOINER and JOINER
constexpr char32_t as_text = 0xFE0E, as_emoji = 0xFE0F;  // VARIATION SELECTOR-15 and -16
constexpr int virama = 9;                                // a combining class

const utf8proc_property_t& of(char32_t c) {
    return *utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
}

bool is_noncharacter(char32_t c) {
    return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

bool is_emoji(char32_t c) {
    return of(c).boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool is_skin_tone(char32_t c) {
    return of(c).boundclass == UTF8PROC_BOUNDCLASS_EXTEND && of(c).category == UTF8PROC_CATEGORY_SK;
}

/// A letter of Arabic, Syriac and similar scripts.
bool is_arabic(char32_t c) {
    return of(c).bidi_class == UTF8PROC_BIDI_CLASS_AL;
}

bool is_digit(char32_t c) {
    return of(c).category == UTF8PROC_CATEGORY_ND;
}

bool joins_arabic(char32_t before, char32_t after) {
    bool mark = of(before).bidi_class == UTF8PROC_BIDI_CLASS_NSM;
    return (is_arabic(before) && (is_arabic(after) || is_digit(after))) ||
           (is_arabic(after) && (is_digit(before) || mark));
}

} // namespace

character first_character(std::string_view s) {
    if (s.empty()) return {};
    if (auto c = static_cast<unsigned char>(s[0]); c < 0x80) return {c, 1};
    utf8proc_int32_t code = 0;
    auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(s.data()),
                                  static_cast<utf8proc_ssize_t>(s.size()), &code);
    if (bytes <= 0) return {};
    return {static_cast<char32_t>(code), static_cast<std::size_t>(bytes)};
}

bool is_of_a_word(char32_t c) {
    auto what = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    return (what >= UTF8PROC_CATEGORY_LU && what <= UTF8PROC_CATEGORY_LO) ||
           (what >= UTF8PROC_CATEGORY_ND && what <= UTF8PROC_CATEGORY_NO);
}

char32_t lower(char32_t c) {
    return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

bool is_hidden(char32_t c) {
    const auto& p = of(c);
    if (p.category == UTF8PROC_CATEGORY_CC) return false;
    // U+FFFC is a placeholder for an object that a text does not contain.
    return p.ignorable || p.boundclass == UTF8PROC_BOUNDCLASS_CONTROL || p.category == UTF8PROC_CATEGORY_CN ||
           is_noncharacter(c) || c == 0xFFFC;
}

bool shapes_neighbours(char32_t before, char32_t c, char32_t after) {
    if (is_hidden(after)) after = 0;
    if (c == as_text || c == as_emoji)
        return is_emoji(before) || (before < 0x80 && (is_digit(before) || before == '#' || before == '*'));
    if (c == joined && is_emoji(after) && (is_emoji(before) || is_skin_tone(before) || before == as_emoji)) return true;
    if (c != joined && c != not_joined) return false;
    return of(before).combining_class == virama || of(after).combining_class == virama || joins_arabic(before, after);
}

bool clusters::begins(char32_t next) {
    auto begins = first_ || utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before_),
                                                             static_cast<utf8proc_int32_t>(next), &state_);
    first_ = false;
    before_ = next;
    return begins;
}

std::size_t first_cluster_bytes(std::string_view s) {
    clusters all;
    std::size_t at = 0;
    while (at < s.size()) {
        auto c = first_character(s.substr(at));
        if (c.bytes == 0) return std::max<std::size_t>(at, 1);
        if (all.begins(c.code) && at > 0) break;
        at += c.bytes;
    }
    return at;
}

std::size_t columns(std::string_view s) {
    std::size_t all = 0;
    while (!s.empty()) {
        auto cluster = s.substr(0, first_cluster_bytes(s));
        s.remove_prefix(cluster.size());
        std::size_t wide = 0;
        for (auto c = first_character(cluster); c.bytes > 0; c = first_character(cluster)) {
            wide += static_cast<std::size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(c.code)));
            if (c.code == as_emoji) wide = 2;
            cluster.remove_prefix(c.bytes);
        }
        all += std::min<std::size_t>(wide, 2);
    }
    return all;
}

} // namespace persais::unicode
