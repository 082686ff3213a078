#include "cli/options.hpp"

#include "base/nearest.hpp"
#include "base/url.hpp"
#include "cli/limits.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::cli {

namespace {

template <class T>
std::optional<T> number(const std::string& typed) {
    T value{};
    auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), value);
    if (error != std::errc() || end != typed.data() + typed.size()) return std::nullopt;
    return value;
}

std::string ticked(const std::string& typed) {
    return fmt::format("`{}`", fit(typed, limits::typed_columns));
}

} // namespace

CLI::Validator task_number() {
    return {[](std::string& typed) {
                if (auto n = number<std::int64_t>(typed); n && *n > 0) return std::string();
                return said<"{} is not the number of a task; `persais tasks` lists them",
                            "{} — не номер задачи; список задач: `persais tasks`">(ticked(typed));
            },
            said<"NUMBER", "НОМЕР">(), "task_number"};
}

std::string as_one_word(std::string_view words) {
    std::string out;
    for (char c : lower_case(words)) {
        bool between = c == ' ' || c == ',' || c == '_' || c == '-';
        if (!between)
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    return out;
}

CLI::Validator choice_of(std::vector<std::string> words, std::vector<std::string> also) {
    auto shown = fmt::format("{{{}}}", fmt::join(words, "|"));
    return {[words = std::move(words), also = std::move(also)](std::string& typed) {
                if (std::ranges::find(also, typed) != also.end()) return std::string();
                if (auto one = std::ranges::find(words, as_one_word(typed)); one != words.end()) {
                    typed = *one;
                    return std::string();
                }
                return said<"{} is none of {}{}", "{} — не одно из {}{}">(ticked(typed), fmt::join(words, ", "),
                                                                          in_tongue(text::did_you_mean(typed, words)));
            },
            shown, "choice_of"};
}

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
    return {[least, most](std::string& typed) {
                if (auto n = number<std::int64_t>(typed); n && *n >= least && *n <= most) return std::string();
                return said<"{} is not a whole number from {} to {}", "{} — не целое число от {} до {}">(ticked(typed),
                                                                                                         least, most);
            },
            fmt::format("{}..{}", least, most), "whole_number"};
}

CLI::Validator dollars_amount(bool or_none) {
    return {[or_none](std::string& typed) {
                if (auto n = number<double>(typed);
                    n && (*n > 0 || (or_none && *n == 0)) && *n < std::numeric_limits<double>::infinity())
                    return std::string();
                return said<"{} is not an amount of dollars, such as 5 or 0.50",
                            "{} — не сумма в долларах, например 5 или 0.50">(ticked(typed));
            },
            said<"DOLLARS", "ДОЛЛАРЫ">(), "dollars"};
}

std::vector<std::string> words_of(const CLI::Option& option) {
    auto type = option.get_type_name();
    auto from = type.find('{'), to = type.rfind('}');
    if (from == type.npos || to == type.npos) return {};
    return CLI::detail::split(type.substr(from + 1, to - from - 1), '|');
}

} // namespace persais::cli
