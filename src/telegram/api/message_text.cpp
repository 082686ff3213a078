#include "telegram/api/message_text.hpp"

#include "base/unicode.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/api/utf16.hpp"

namespace persais::telegram {

namespace {

styled whole(style what, std::string text, std::string extra = {}) {
    if (text.empty()) return {};
    auto length = units(text);
    return {std::move(text), {{what, 0, length, std::move(extra)}}};
}

bool is_address(std::string_view s) {
    static constexpr std::size_t most_bytes = 2048;
    bool scheme = s.starts_with("https://") || s.starts_with("http://");
    bool printable = std::ranges::all_of(s, [](char c) { return c > ' ' && c < 0x7F; });
    return scheme && printable && s.size() <= most_bytes;
}

constexpr std::string_view white = " \n";

bool is_white(std::string_view s) {
    return s.find_first_not_of(white) == s.npos;
}

/// The characters that Telegram treats as spaces when it checks whether a text is empty.
bool is_space(char32_t c) {
    return c == ' ' || c == '\n' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) || c == 0x202F ||
           c == 0x205F || c == 0x2800 || c == 0x3000;
}

} // namespace

styled plain(std::string_view text) {
    return {shown(text), {}};
}
styled bold(std::string_view text) {
    return whole(style::bold, shown(text));
}
styled italic(std::string_view text) {
    return whole(style::italic, shown(text));
}
styled code(std::string_view text) {
    return whole(style::code, shown(text));
}
styled pre(std::string_view text, std::string_view language) {
    return whole(style::pre, shown(text), std::string(language));
}
styled linked(std::string_view label, std::string_view address) {
    return is_address(address) ? whole(style::text_link, shown(label), std::string(address)) : plain(label);
}

styled quote(const styled& inside) {
    auto out = whole(style::expandable_blockquote, inside.text);
    for (const auto& e : inside.entities)
        if (e.what != style::blockquote && e.what != style::expandable_blockquote) out.entities.push_back(e);
    return out;
}

styled& operator+=(styled& to, const styled& part) {
    auto before = units(to.text);
    to.text += part.text;
    for (auto e : part.entities) {
        e.offset += before;
        to.entities.push_back(std::move(e));
    }
    return to;
}

styled operator+(styled to, const styled& part) {
    return std::move(to += part);
}

styled trimmed(styled t) {
    auto covers_nothing = [&](const entity& e) {
        auto begin = *byte_of_unit(t.text, e.offset);
        auto size = *byte_of_unit(std::string_view(t.text).substr(begin), e.length);
        return is_white(std::string_view(t.text).substr(begin, size));
    };
    std::erase_if(t.entities, covers_nothing);
    t.text.resize(t.text.find_last_not_of(white) + 1); // npos + 1 is 0
    auto end = units(t.text);
    for (auto& e : t.entities)
        e.length = std::min(e.length, end - e.offset);
    // White space at the start of an entity is kept, because it may be the indentation of a block.
    auto from = t.entities.empty() ? t.text.size() : *byte_of_unit(t.text, t.entities.front().offset);
    from = std::min(from, t.text.find_first_not_of(white));
    t.text.erase(0, from);
    for (auto& e : t.entities)
        e.offset -= from; // each dropped character is one unit
    return t;
}

bool is_blank(std::string_view text) {
    while (!text.empty()) {
        auto n = character_bytes(text);
        if (!is_space(unicode::first_character(text.substr(0, n)).code)) return false;
        text.remove_prefix(n);
    }
    return true;
}

} // namespace persais::telegram
