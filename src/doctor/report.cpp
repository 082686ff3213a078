#include "doctor/report.hpp"

#include "base/colours.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/unicode.hpp"
#include "i18n/said.hpp"

#include <algorithm>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::doctor {

namespace json = boost::json;

namespace {

bool speaks_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
        if (const char* value = std::getenv(name); value && *value) {
            std::string_view is(value);
            return is.contains("UTF-8") || is.contains("utf8") || is.contains("UTF8");
        }
    return false;
}

constexpr std::size_t probe_name_columns = 8; // "pgvector": lines that come one after the other are aligned

std::string mark(grade g, const dress& how) {
    constexpr std::array<std::string_view, 4> signs{"✓", "·", "!", "✗"};
    constexpr std::array<int, 4> colours{32, 2, 33, 31};
    auto at = static_cast<std::size_t>(g);
    auto shown = how.marks ? std::string(signs[at]) : fmt::format("{:<7}", to_string(g));
    return how.colours ? fmt::format("\x1b[{}m{}\x1b[0m", colours[at], shown) : shown;
}

/// Breaks `text` between words; lines after the first are indented to its start.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
    auto width = columns > indent + 30 ? columns - indent : 30;
    std::string made;
    std::size_t line = 0;
    while (!text.empty()) {
        auto end = std::min(text.find(' '), text.size());
        auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto taken = unicode::columns(word);
        if (line > 0 && line + 1 + taken > width) {
            made += "\n" + std::string(indent, ' ');
            line = 0;
        } else if (line > 0) {
            made += ' ';
            ++line;
        }
        made += word;
        line += taken;
    }
    return made;
}

json::array names_of(const findings& seen, grade g) {
    json::array names;
    for (const auto& one : seen)
        if (one.how == g && std::ranges::find(names, json::value(one.name)) == names.end())
            names.emplace_back(one.name);
    return names;
}

} // namespace

dress dress_for(int descriptor) {
    dress how;
    how.colours = coloured(descriptor);
    how.marks = ::isatty(descriptor) == 1 && speaks_utf8();
    if (!how.marks) return how;
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) how.columns = size.ws_col;
    return how;
}

void stream::add(const findings& found) {
    findings tried;
    for (const auto& one : found)
        (one.how == grade::skipped ? untried_ : tried).push_back(one);
    if (!tried.empty()) put_(words(tried, how_, probe_name_columns));
}

void stream::end() {
    if (!untried_.empty()) put_(words(untried_, how_, probe_name_columns));
    untried_.clear();
}

findings in_language(i18n::language l, findings found) {
    for (auto& one : found) {
        if (one.name.contains(' ')) one.name = i18n::in(l, one.name).value_or(one.name); // a box; a probe has a name
        one.sentence = i18n::in(l, one.sentence).value_or(one.sentence);
        one.advice = i18n::in(l, one.advice).value_or(one.advice);
    }
    return found;
}

std::string words(const findings& all, const dress& how, std::size_t least) {
    std::size_t longest = least;
    for (const auto& one : all)
        longest = std::max(longest, one.name.size());
    std::size_t indent = (how.marks ? 2U : 8U) + longest + 2;
    // A pipe gets one line for each sentence, because programs like grep read it.
    auto columns = how.marks ? how.columns : SIZE_MAX;
    std::string made;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& one = all[i];
        bool again = i + 1 < all.size() && all[i + 1].name == one.name && all[i + 1].advice == one.advice;
        made += fmt::format("{} {:<{}}  {}\n", mark(one.how, how), one.name, longest,
                            wrapped(text::printable(one.sentence), indent, columns));
        if (!one.advice.empty() && !again)
            made += fmt::format("{:<{}}{} {}\n", "", indent, how.marks ? "→" : "->",
                                wrapped(text::printable(one.advice), indent + 2, columns));
    }
    return made;
}

std::string summary(const findings& seen) {
    auto count = [&](grade g) { return std::ranges::count(seen, g, &finding::how); };
    auto bad = count(grade::fail), doubtful = count(grade::warn), untried = count(grade::skipped);
    std::string tail;
    if (doubtful > 0 && untried > 0) // one format, because two that follow each other could be read in two ways
        tail = told<", {} to look at, {} not tried", ", посмотреть стоит на {}, не проверено {}">(doubtful, untried);
    else if (doubtful > 0)
        tail = told<", {} to look at", ", посмотреть стоит на {}">(doubtful);
    else if (untried > 0)
        tail = told<", {} not tried", ", не проверено {}">(untried);
    if (bad == 0) return told<"Nothing failed{}.", "Всё работает{}.">(tail);
    std::vector<std::string_view> names;
    for (const auto& one : seen)
        if (one.how == grade::fail && std::ranges::find(names, one.name) == names.end()) names.push_back(one.name);
    return told<"{} failed ({}){}.", "Не работает: {} ({}){}.">(bad, fmt::join(names, ", "), tail);
}

std::string json_line(std::string_view event, const finding& one) {
    return to_text(json::object{{"event", event},
                                {"name", one.name},
                                {"status", to_string(one.how)},
                                {"sentence", text::printable(one.sentence)},
                                {"advice", text::printable(one.advice)},
                                {"facts", one.facts}});
}

std::string json_result(const findings& seen) {
    return to_text(json::object{{"event", "result"},
                                {"status", any_failed(seen) ? "fail" : "ok"},
                                {"failed", names_of(seen, grade::fail)},
                                {"warned", names_of(seen, grade::warn)},
                                {"skipped", names_of(seen, grade::skipped)}});
}

bool any_failed(const findings& seen) {
    return std::ranges::find(seen, grade::fail, &finding::how) != seen.end();
}

} // namespace persais::doctor
