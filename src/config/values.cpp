#include "config/values.hpp"

#include "base/comma_parts.hpp"
#include "base/told.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace persais::config {

namespace {

using std::chrono::milliseconds;
constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

template <class T>
bool whole_text_is(std::string_view text, T& value) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

result<milliseconds> parse_duration(std::string_view text) {
    auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::int64_t count = 0;
    const auto unit = std::ranges::find(units, text.substr(digits), &std::pair<std::string_view, std::int64_t>::first);
    constexpr std::int64_t most = 36'500LL * 86'400'000;
    if (unit == units.end() || !whole_text_is(text.substr(0, digits), count) || count > most / unit->second)
        return fail(
            told<"'{}' is no duration such as 15m, 10s or 500ms", "«{}» — не длительность вроде 15m, 10s или 500ms">(
                shorten(text)));
    return milliseconds(count * unit->second);
}

std::string show_duration(milliseconds duration) {
    for (auto unit = units.rbegin(); unit != units.rend(); ++unit)
        if (duration.count() >= unit->second && duration.count() % unit->second == 0)
            return fmt::format("{}{}", duration.count() / unit->second, unit->first);
    return fmt::format("{}ms", duration.count());
}

result<double> parse_money(std::string_view text) {
    double dollars = 0;
    bool plain = !text.empty() && text.find_first_not_of("0123456789.") == text.npos;
    if (!plain || !whole_text_is(text, dollars) || !std::isfinite(dollars) || dollars > 1e6)
        return fail(told<"'{}' is no sum in dollars such as 2 or 0.25", "«{}» — не сумма в долларах вроде 2 или 0.25">(
            shorten(text)));
    return dollars;
}

result<int> parse_whole(std::string_view text, int least, int most) {
    int value = 0;
    if (!whole_text_is(text, value) || value < least || value > most)
        return fail(told<"'{}' is no whole number from {} to {}", "«{}» — не целое число от {} до {}">(shorten(text),
                                                                                                       least, most));
    return value;
}

result<bool> parse_boolean(std::string_view text) {
    for (auto yes : {"on", "true", "yes", "1"})
        if (same_letters(text, yes)) return true;
    for (auto no : {"off", "false", "no", "0"})
        if (same_letters(text, no)) return false;
    return fail(told<"'{}' is neither on nor off", "«{}» — не on и не off">(shorten(text)));
}

result<std::vector<std::int64_t>> parse_ids(std::string_view text) {
    std::vector<std::int64_t> ids;
    for (auto part : comma_parts(text)) {
        std::int64_t id = 0;
        if (!whole_text_is(part, id) || id <= 0)
            return fail(told<"'{}' is no number of a person; expected numbers with commas between",
                             "«{}» — не номер человека; нужны номера через запятую">(shorten(part)));
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
    return ids;
}

} // namespace persais::config
