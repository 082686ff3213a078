// Messages that are too long: parts and truncated.
#include "base/unicode.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/utf16.hpp"

namespace persais::telegram {

namespace {

/// A position between two characters, or at an end.
struct gap {
    std::size_t unit = 0;
    std::size_t byte = 0;
    char32_t before = 0; // the character
    bool clean = true;   // it does not split a grapheme cluster
};

std::vector<gap> gaps_of(std::string_view s) {
    std::vector<gap> all{{}};
    unicode::clusters people_see;
    for (std::size_t unit = 0, byte = 0; byte < s.size();) {
        auto piece = s.substr(byte, character_bytes(s.substr(byte)));
        auto c = unicode::first_character(piece).code;
        all.back().clean = people_see.begins(c);
        unit += units_of(piece);
        byte += piece.size();
        all.push_back({unit, byte, c, true});
    }
    return all;
}

/// The last position at which the part has no more entities than allowed.
std::size_t unit_of_entity_too_many(const std::vector<entity>& all, std::size_t from) {
    std::size_t seen = 0;
    for (const auto& e : all)
        if (e.offset + e.length > from && ++seen > limits::telegram_entities && e.offset > from) return e.offset;
    return static_cast<std::size_t>(-1);
}

/// The position that ends the part which begins at gaps[from].
std::size_t cut(const std::vector<gap>& gaps, std::size_t from, std::size_t most, std::size_t not_beyond) {
    const auto begin = gaps[from].unit;
    auto last = from;
    while (last + 1 < gaps.size() && gaps[last + 1].unit <= std::min(begin + most, not_beyond))
        ++last;
    if (last == from) return from + 1; // does not happen, because one character fits
    if (auto i = last + 1; i < gaps.size() && (gaps[i].before == '\n' || gaps[i].before == ' '))
        last = i; // it will be trimmed off
    if (last + 1 == gaps.size()) return last;
    auto back = [&](std::size_t to, auto&& good) {
        for (auto i = last; i > from && gaps[i].unit >= to; --i)
            if (good(gaps[i])) return i;
        return from;
    };
    if (auto i = back(begin + most / 2, [](const gap& g) { return g.before == '\n'; }); i > from) return i;
    if (auto i = back(begin + most / 4 * 3, [](const gap& g) { return g.before == ' '; }); i > from) return i;
    if (auto i = back(begin + most / 4 * 3, [](const gap& g) { return g.clean; }); i > from) return i;
    return last;
}

styled slice(const styled& whole, const gap& from, const gap& to) {
    styled part{whole.text.substr(from.byte, to.byte - from.byte), {}};
    for (const auto& e : whole.entities) {
        auto begin = std::max(e.offset, from.unit), end = std::min(e.offset + e.length, to.unit);
        if (begin < end) part.entities.push_back({e.what, begin - from.unit, end - begin, e.extra});
    }
    return part;
}

} // namespace

std::vector<styled> parts(const styled& whole, std::size_t most) {
    most = std::max<std::size_t>(most, 2); // a surrogate pair fits
    auto gaps = gaps_of(whole.text);
    std::vector<styled> all;
    for (std::size_t from = 0; from + 1 < gaps.size();) {
        auto to = cut(gaps, from, most, unit_of_entity_too_many(whole.entities, gaps[from].unit));
        auto part = trimmed(slice(whole, gaps[from], gaps[to]));
        if (!is_blank(part.text)) all.push_back(std::move(part));
        from = to;
    }
    return all;
}

styled truncated(const styled& whole, std::size_t most) {
    auto t = trimmed(whole);
    auto too_many = unit_of_entity_too_many(t.entities, 0);
    if (units(t.text) <= most && too_many > most) return t;
    most = std::max<std::size_t>(most, 3); // a surrogate pair and the mark fit
    auto gaps = gaps_of(t.text);
    auto to = gaps[cut(gaps, 0, most - 1, too_many)];
    auto out = trimmed(slice(t, gaps[0], to));
    auto end = units(out.text);
    for (auto& e : out.entities) { // an entity that was cut covers the mark too
        bool cut_short = e.offset + e.length == end;
        auto went_on = std::ranges::any_of(t.entities, [&](const entity& o) {
            return o.what == e.what && o.offset == e.offset && o.offset + o.length > to.unit;
        });
        if (cut_short && went_on) ++e.length;
    }
    out.text += "…";
    return out;
}

} // namespace persais::telegram
