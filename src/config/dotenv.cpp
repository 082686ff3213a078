#include "config/dotenv.hpp"

#include "base/result.hpp"
#include "base/told.hpp"
#include "config/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::config {

namespace {

bool is_name(std::string_view text) {
    auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && letter(text[0]) && std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c); });
}

/// Parses a value in quotes; `text` begins with its quote.
result<std::string> quoted(std::string_view text) {
    const char quote = text[0];
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
        char c = text[at];
        if (c == quote) {
            auto rest = text.substr(at + 1);
            if (!trim(rest).empty() && !trim(rest).starts_with('#'))
                return fail(told<"text after the closing quote", "текст после закрывающей кавычки">());
            return value;
        }
        if (c == '\\' && quote == '"' && at + 1 < text.size()) {
            constexpr std::string_view names = "nt\"\\$";
            constexpr std::string_view means = "\n\t\"\\$";
            if (auto which = names.find(text[at + 1]); which != names.npos) {
                c = means[which];
                ++at;
            }
        }
        value += c;
    }
    return fail(told<"the quote is not closed on its line", "кавычка не закрыта в своей строке">());
}

result<std::pair<std::string, std::string>> assignment(std::string_view line) {
    if (line.starts_with("export ") || line.starts_with("export\t")) line = trim(line.substr(7));
    auto equals = line.find('=');
    if (equals == line.npos) return fail(told<"expected NAME=value", "ожидается ИМЯ=значение">());
    auto name = trim(line.substr(0, equals));
    if (!is_name(name))
        return fail(told<"what stands before = is no name (letters, digits and _)",
                         "перед = стоит не имя (буквы, цифры и _)">());
    auto text = line.substr(equals + 1);
    auto start = trim(text);
    if (!start.starts_with('"') && !start.starts_with('\''))
        return std::pair{std::string(name), std::string(without_comment(text))};
    auto value = quoted(start);
    if (!value) return fail(fmt::format("{}: {}", name, value.error()));
    return std::pair{std::string(name), std::move(*value)};
}

} // namespace

dotenv read_dotenv(std::string_view text) {
    dotenv all;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) { // what `>` writes in an old PowerShell
        all.errors.emplace_back(told<"is UTF-16: save it as UTF-8", "в кодировке UTF-16: сохраните его в UTF-8">());
        return all;
    }
    for (int number = 1; !text.empty(); ++number) {
        auto end = std::min(text.find('\n'), text.size());
        auto line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.starts_with('#')) continue;
        if (!persais::text::valid_utf8(line) || line.find('\0') != line.npos) {
            all.errors.push_back(told<"line {}: is no UTF-8 text", "строка {}: это не текст в UTF-8">(number));
        } else if (auto read = assignment(line)) {
            all.lines.insert_or_assign(read->first, number);
            all.variables.insert_or_assign(std::move(read->first), std::move(read->second));
        } else {
            all.errors.push_back(told<"line {}: {}", "строка {}: {}">(number, read.error()));
        }
    }
    return all;
}

} // namespace persais::config
