#include "cli/cost_table.hpp"

#include "base/unicode.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::size_t name_most = 48; // columns

double amount(const std::string& usd) {
    return std::strtod(usd.c_str(), nullptr);
}

std::string quoted(const std::string& cell) {
    // A spreadsheet would take a cell that begins like this for a formula.
    bool formula = !cell.empty() && std::string_view("=+-@\t").contains(cell.front());
    auto text = (formula ? "'" : "") + cell;
    if (text.find_first_of(",\"\r\n") == text.npos) return text;
    std::string out = "\"";
    for (char c : text)
        out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

std::optional<std::chrono::year_month_day> day_in(const std::string& text) {
    int year = 0;
    unsigned month = 0, day = 0;
    auto read = [&text](std::size_t at, std::size_t digits, auto& into) {
        auto* begin = text.data() + at;
        auto [end, ec] = std::from_chars(begin, begin + digits, into);
        return ec == std::errc() && end == begin + digits;
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !read(0, 4, year) || !read(5, 2, month) ||
        !read(8, 2, day))
        return std::nullopt;
    std::chrono::year_month_day found{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    return found.ok() && year > 0 ? std::optional(found) : std::nullopt;
}

std::string shown_name(const std::string& by, const queue::cost_line& line) {
    if (line.name.empty()) return said<"(not known)", "(неизвестно)">();
    if (by == "person" && line.name == "terminal") return said<"terminal", "терминал">();
    return line.name;
}

std::string heading(const std::string& by) {
    if (by == "repository") return said<"REPOSITORY", "РЕПОЗИТОРИЙ">();
    if (by == "person") return said<"PERSON", "ЧЕЛОВЕК">();
    if (by == "model") return said<"MODEL", "МОДЕЛЬ">();
    if (by == "task") return said<"TASK", "ЗАДАЧА">();
    return said<"DAY (UTC)", "ДЕНЬ (UTC)">();
}

} // namespace

std::string cost_table(const std::string& by, const std::vector<queue::cost_line>& all) {
    if (all.empty()) return said<"Nothing was spent then.\n", "За это время ничего не потрачено.\n">();
    std::vector<std::vector<std::string>> lines{{heading(by), "USD", said<"CALLS", "ВЫЗОВЫ">(),
                                                 said<"SENT", "ОТПРАВЛЕНО">(), said<"RECEIVED", "ПОЛУЧЕНО">(),
                                                 said<"OF IT ESTIMATED", "ИЗ НИХ ОЦЕНКА">()}};
    double sum = 0;
    for (const auto& each : all) {
        sum += amount(each.usd);
        auto guessed = amount(each.estimated_usd) + amount(each.reserved_usd);
        lines.push_back({fit(shown_name(by, each), name_most), fmt::format("{:.4f}", amount(each.usd)),
                         std::to_string(each.calls), std::to_string(each.tokens_sent),
                         std::to_string(each.tokens_received), guessed > 0 ? fmt::format("{:.4f}", guessed) : "–"});
    }
    std::vector<std::size_t> widths(lines.front().size());
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], unicode::columns(line[i]));
    std::string out;
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i)
            text += padded(line[i], widths[i] + 2);
        out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    }
    return out + said<"In all: ${:.4f}\n", "Всего: ${:.4f}\n">(sum);
}

std::string costs_csv(const std::string& by, const std::vector<queue::cost_line>& all) {
    auto out = by + ",usd,calls,tokens_sent,tokens_received,tokens_cached,estimated_usd,reserved_usd\r\n";
    for (const auto& each : all)
        out += fmt::format("{},{},{},{},{},{},{},{}\r\n", quoted(each.name), each.usd, each.calls, each.tokens_sent,
                           each.tokens_received, each.tokens_cached, each.estimated_usd, each.reserved_usd);
    return out;
}

CLI::Validator calendar_day() {
    return CLI::Validator(
        [](std::string& text) -> std::string {
            if (day_in(text)) return {};
            return said<"'{}' is no day, such as 2026-11-30", "«{}» — не день, например 2026-11-30">(text);
        },
        "");
}

std::string day_after(const std::string& day) {
    auto next = std::chrono::sys_days(*day_in(day)) + std::chrono::days(1);
    return fmt::format("{:%Y-%m-%d}", std::chrono::time_point_cast<std::chrono::seconds>(next));
}

} // namespace persais::cli
