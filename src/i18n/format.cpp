#include "i18n/format.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::i18n {

namespace {

/// Fills placeholders with values that are our own text, so that nothing in them has to be cleaned.
std::string filled(language l, phrase p, std::string_view a, std::string_view b = {}) {
    std::string out;
    for (const auto& piece : pieces(l, p))
        out += piece.what != piece::kind::placeholder ? piece.text : piece.name == "b" ? b : a;
    return out;
}

std::string two(language l, phrase p, std::int64_t a, std::int64_t b) {
    return filled(l, p, std::to_string(a), std::to_string(b));
}

} // namespace

std::vector<piece> pieces(language l, phrase p) {
    std::vector<piece> all;
    auto text = words(l, p);
    for (bool quoted = false; !text.empty();) {
        auto stop = text.find_first_of("{`");
        if (auto before = text.substr(0, stop); !before.empty())
            all.push_back({quoted ? piece::kind::code : piece::kind::text, before});
        if (stop == text.npos) break;
        if (text[stop] == '`') {
            quoted = !quoted;
            text.remove_prefix(stop + 1);
            continue;
        }
        text.remove_prefix(stop);
        auto close = std::min(text.find('}'), text.size() - 1);
        auto inside = text.substr(1, close - 1);
        auto bar = std::min(inside.find('|'), inside.size());
        all.push_back({piece::kind::placeholder, text.substr(0, close + 1), inside.substr(0, bar),
                       inside.substr(std::min(bar + 1, inside.size()))});
        text.remove_prefix(close + 1);
    }
    return all;
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
    if (time < 5s) return filled(l, phrase::just_now, {});
    if (time >= 2min && time < 1h) time = std::chrono::floor<std::chrono::minutes>(time);
    if (time >= 2h) time = std::chrono::floor<std::chrono::hours>(time);
    return filled(l, phrase::ago, span(l, time));
}

std::string money(double usd) {
    if (!(usd > 0)) return "$0";
    return usd < 0.9999 ? fmt::format("${:.4f}", usd) : fmt::format("${:.2f}", usd);
}

std::string size(language l, std::uint64_t bytes) {
    constexpr std::uint64_t kilo = 1000, mega = 1000 * kilo, giga = 1000 * mega;
    auto of = [&](std::uint64_t unit) {
        return fmt::format("{:.1f}", static_cast<double>(bytes) / static_cast<double>(unit));
    };
    if (bytes >= giga) return filled(l, phrase::gigabytes, of(giga));
    if (bytes >= mega) return filled(l, phrase::megabytes, of(mega));
    return filled(l, phrase::kilobytes, std::to_string((bytes + kilo - 1) / kilo));
}

} // namespace persais::i18n
