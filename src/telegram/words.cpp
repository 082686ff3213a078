#include "telegram/words.hpp"

#include "telegram/utf16.hpp"
#include "telegram/word_table.hpp"

#include <cmath>

#include <fmt/format.h>

namespace persais::telegram {

namespace {

/// The form with that number of "file|files", the last one when there are fewer.
std::string_view form(std::string_view forms, std::size_t wanted) {
    while (wanted-- > 0) {
        auto bar = forms.find('|');
        if (bar == forms.npos) break;
        forms.remove_prefix(bar + 1);
    }
    return forms.substr(0, forms.find('|'));
}

const filling* find(std::initializer_list<filling> with, std::string_view name) {
    for (const auto& f : with)
        if (f.name == name) return &f;
    return nullptr;
}

/// What stands for "name" or "name|one|many"; nullopt: nothing was given for it.
std::optional<styled> filled(language l, std::string_view hole, std::initializer_list<filling> with) {
    auto name = hole.substr(0, hole.find('|'));
    const auto* f = find(with, name);
    if (!f) return std::nullopt;
    if (name.size() < hole.size()) {
        auto forms = hole.substr(name.size() + 1);
        return styled{std::string(form(forms, plural_form(l, f->number.value_or(0)))), {}};
    }
    if (f->number) return styled{std::to_string(*f->number), {}};
    return f->text;
}

std::string two(language l, phrase p, std::int64_t a, std::int64_t b) {
    return say_plain(l, p, {{"a", a}, {"b", b}});
}

} // namespace

std::string_view spelling(language l) {
    return l == language::ru ? "ru" : "en";
}

language language_from(std::string_view tag) {
    return tag == "ru" || tag.starts_with("ru-") || tag.starts_with("ru_") ? language::ru : language::en;
}

std::string_view words(language l, phrase p) {
    const auto& table = l == language::ru ? words_ru() : words_en();
    return table.at(static_cast<std::size_t>(p)).text;
}

styled say(language l, phrase p, std::initializer_list<filling> with) {
    styled out;
    auto text = words(l, p);
    for (bool quoted = false; !text.empty();) {
        auto stop = text.find_first_of("{`");
        auto piece = text.substr(0, stop);
        out += quoted ? code(piece) : styled{std::string(piece), {}};
        if (stop == text.npos) break;
        if (text[stop] == '`') {
            quoted = !quoted;
            text.remove_prefix(stop + 1);
            continue;
        }
        text.remove_prefix(stop);
        auto close = std::min(text.find('}'), text.size() - 1);
        auto hole = filled(l, text.substr(1, close - 1), with);
        out += hole ? *hole : styled{std::string(text.substr(0, close + 1)), {}};
        text.remove_prefix(close + 1);
    }
    return out;
}

std::string say_plain(language l, phrase p, std::initializer_list<filling> with) {
    return say(l, p, with).text;
}

std::size_t plural_form(language l, std::int64_t n) {
    auto last = std::abs(n % 100);
    if (l == language::en) return n == 1 ? 0 : 1;
    if (last >= 11 && last <= 14) return 2;
    last %= 10;
    return last == 1 ? 0 : last >= 2 && last <= 4 ? 1 : 2;
}

std::string span(language l, std::chrono::seconds time) {
    auto s = std::max<std::int64_t>(0, time.count());
    if (s < 60) return two(l, phrase::seconds, s, 0);
    if (s < 3600) return two(l, s % 60 == 0 ? phrase::minutes : phrase::minutes_seconds, s / 60, s % 60);
    auto minutes = s / 60;
    if (minutes < 48L * 60)
        return two(l, minutes % 60 == 0 ? phrase::hours : phrase::hours_minutes, minutes / 60, minutes % 60);
    return two(l, phrase::days, minutes / (24L * 60), 0);
}

std::string ago(language l, std::chrono::seconds time) {
    using namespace std::chrono_literals;
    if (time < 5s) return say_plain(l, phrase::just_now);
    if (time >= 2min && time < 1h) time = std::chrono::floor<std::chrono::minutes>(time);
    if (time >= 2h) time = std::chrono::floor<std::chrono::hours>(time);
    return say_plain(l, phrase::ago, {{"time", span(l, time)}});
}

std::string money(double usd) {
    if (!(usd > 0)) return "$0";
    return usd < 0.9999 ? fmt::format("${:.4f}", usd) : fmt::format("${:.2f}", usd);
}

} // namespace persais::telegram
