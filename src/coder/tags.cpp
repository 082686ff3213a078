#include "coder/tags.hpp"

#include "base/text.hpp"
#include "coder/limits.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::coder {

namespace json = boost::json;

namespace {

bool is_blob(std::string_view s) {
    return (s.size() == 40 || s.size() == 64) &&
           std::ranges::all_of(s, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_language(std::string_view s) {
    return !s.empty() && s.size() <= limits::tag_language_bytes &&
           std::ranges::all_of(s, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// A name of a program's text. It has no space, because the last space of a row is where its JSON begins.
bool is_name(const json::value& v) {
    const auto* s = v.if_string();
    return s && !s->empty() && s->size() <= limits::tag_name_bytes && text::printable(*s) == std::string_view(*s) &&
           std::ranges::none_of(*s, [](unsigned char c) { return c <= ' '; });
}

bool is_number(const json::value& v, std::int64_t least, std::int64_t most) {
    const auto* n = v.if_int64();
    return n && *n >= least && *n <= most;
}

/// [FIRST, END, …]: some lines each, in their order.
bool are_lines(const json::value& v) {
    const auto* all = v.if_array();
    if (!all || all->size() % 2 != 0 || all->size() > 2 * limits::tag_headers) return false;
    for (std::size_t i = 0; i < all->size(); i += 2) {
        if (!is_number((*all)[i], 0, limits::tag_line)) return false;
        auto first = (*all)[i].get_int64();
        if (!is_number((*all)[i + 1], first + 1, first + limits::tag_header_lines)) return false;
    }
    return true;
}

bool is_definition(const json::value& v) {
    const auto* d = v.if_array();
    return d && d->size() == 3 && is_name((*d)[0]) && is_number((*d)[1], 0, limits::tag_line) && are_lines((*d)[2]);
}

bool is_use(const json::value& v) {
    const auto* u = v.if_array();
    return u && u->size() == 2 && is_name((*u)[0]) && is_number((*u)[1], 1, limits::tag_line);
}

/// "ID LANGUAGE" of a row; empty when it has none.
std::string_view key_of(std::string_view row) {
    auto space = row.find(' ');
    if (space == std::string_view::npos) return {};
    auto end = row.find(' ', space + 1);
    return end == std::string_view::npos ? std::string_view() : row.substr(0, end);
}

/// The line before the rows of a day, which no agent takes for a row.
constexpr std::string_view day_word = "day ";

std::string day_line(std::chrono::sys_days day) {
    return fmt::format("{}{}", day_word, day.time_since_epoch().count());
}

bool is_recent(std::string_view line, std::chrono::sys_days today) {
    auto number = line.substr(day_word.size());
    int day = 0;
    auto read = std::from_chars(number.data(), number.data() + number.size(), day);
    auto then = std::chrono::sys_days(std::chrono::days(day));
    return read.ec == std::errc() && then <= today && today - then <= limits::tags_days;
}

} // namespace

std::optional<std::string> read_tag_row(std::string_view row) {
    if (row.size() > limits::tag_row_bytes) return std::nullopt;
    auto key = key_of(row);
    auto space = key.find(' ');
    if (key.empty() || !is_blob(key.substr(0, space)) || !is_language(key.substr(space + 1))) return std::nullopt;
    boost::system::error_code ec;
    auto known = json::parse(row.substr(key.size() + 1), ec, {}, {.max_depth = 4});
    const auto* both = ec ? nullptr : known.if_array();
    if (!both || both->size() != 2 || !(*both)[0].is_array() || !(*both)[1].is_array()) return std::nullopt;
    if (!std::ranges::all_of((*both)[0].get_array(), is_definition)) return std::nullopt;
    if (!std::ranges::all_of((*both)[1].get_array(), is_use)) return std::nullopt;
    auto written = std::string(key) + ' ' + json::serialize(known);
    if (written.size() > limits::tag_row_bytes) return std::nullopt;
    return written;
}

bool has_old_rows(std::string_view kept, std::chrono::sys_days today) {
    if (kept.empty()) return false;
    if (!kept.starts_with(day_word)) return true; // of nobody knows when
    auto last = kept.rfind("\n" + std::string(day_word));
    auto line = kept.substr(last == kept.npos ? 0 : last + 1);
    return !is_recent(line.substr(0, line.find('\n')), today);
}

std::string_view content_of_row(std::string_view row) {
    return row.substr(0, row.find(' '));
}

std::string merged_tags(std::string_view kept, const std::vector<std::string>& told, std::chrono::sys_days today,
                        std::size_t most) {
    struct group {
        std::string day;
        std::vector<std::string_view> rows;
    };
    std::vector<group> groups;
    std::set<std::string_view> known;
    while (!kept.empty()) {
        auto end = std::min(kept.find('\n'), kept.size());
        auto line = kept.substr(0, end);
        kept.remove_prefix(std::min(end + 1, kept.size()));
        if (line.starts_with(day_word))
            groups.push_back({std::string(line), {}});
        else if (!groups.empty() && is_recent(groups.back().day, today) && known.insert(key_of(line)).second)
            groups.back().rows.push_back(line);
    }
    group of_today{day_line(today), {}};
    for (const auto& row : told)
        if (known.insert(key_of(row)).second) of_today.rows.push_back(row);
    if (!groups.empty() && groups.front().day == of_today.day) {
        std::ranges::copy(groups.front().rows, std::back_inserter(of_today.rows));
        groups.erase(groups.begin());
    }
    groups.insert(groups.begin(), std::move(of_today));
    std::string all;
    for (const auto& [day, rows] : groups)
        for (bool first = true; auto row : rows) {
            if (all.size() + (first ? day.size() + 1 : 0) + row.size() + 1 > most) continue;
            if (std::exchange(first, false)) all.append(day).push_back('\n');
            all.append(row).push_back('\n');
        }
    return all;
}

} // namespace persais::coder
