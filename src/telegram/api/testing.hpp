#pragma once
#include "base/text.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/styled.hpp"
#include "telegram/api/utf16.hpp"

/// What Telegram does with a text, and what it refuses; written from how it was observed to behave, independently of
/// our own code.
namespace persais::telegram::world {

/// Whether Telegram would show this text as it is, byte for byte.
inline bool is_kept(std::string_view s) {
    for (std::size_t i = 0; i < s.size(); ++i) {
        auto c = static_cast<unsigned char>(s[i]);
        if (c < 0x20 && c != '\n') return false; // becomes a space; \r is removed
        for (std::string_view gone :
             {"\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u030A", "\u0333", "\u033F"})
            if (s.substr(i).starts_with(gone)) return false;
        for (std::string_view direction : {"\u200E", "\u200F"})
            if (s.substr(i).starts_with(direction)) return false;
    }
    return true;
}

/// Empty: Telegram accepts the text and shows it as it is; else what is wrong with it.
inline std::string flaw(const styled& t, std::size_t most) {
    std::string_view text = t.text;
    if (!text::valid_utf8(text)) return "no UTF-8";
    if (text.empty()) return "empty";
    if (units(text) > most) return "too long";
    if (t.entities.size() > limits::telegram_entities) return "too many entities";
    if (!is_kept(text)) return "changed on the way";
    if (text.back() == ' ' || text.back() == '\n') return "white space at the end";
    if ((text.front() == ' ' || text.front() == '\n') && (t.entities.empty() || t.entities.front().offset > 0))
        return "white space at the beginning";
    std::vector<std::size_t> open; // ends of the enclosing entities
    std::size_t last = 0;
    for (const auto& e : t.entities) {
        if (e.offset < last) return "entities out of order";
        last = e.offset;
        auto begin = byte_of_unit(text, e.offset);
        if (!begin || e.length == 0) return "an entity that begins nowhere";
        auto size = byte_of_unit(text.substr(*begin), e.length);
        if (!size) return "an entity that ends nowhere";
        if (text.substr(*begin, *size).find_first_not_of(" \n") == text.npos)
            return "an entity without anything to see";
        while (!open.empty() && open.back() <= e.offset)
            open.pop_back();
        if (!open.empty() && e.offset + e.length > open.back()) return "entities that cross";
        open.push_back(e.offset + e.length);
    }
    return {};
}

} // namespace persais::telegram::world
