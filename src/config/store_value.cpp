#include "config/store_value.hpp"

#include "base/nearest.hpp"
#include "base/told.hpp"
#include "config/text.hpp"
#include "config/values.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::config {

namespace {

struct storer {
    settings& made;
    const std::string& value;

    /// Stores a parser's result, or returns its error.
    template <class T, class To>
    std::string put(const result<T>& parsed, To to) {
        if (!parsed) return parsed.error();
        made.*to = *parsed;
        return {};
    }

    std::string operator()(const text& is) {
        made.*is.to = value;
        return is.wrong(value);
    }
    std::string operator()(const hidden& is) {
        made.*is.to = secret(value);
        return is.wrong(value);
    }
    std::string operator()(const folder& is) {
        made.*is.to = value;
        return {};
    }
    std::string operator()(const file& is) {
        made.*is.to = value;
        std::error_code ignored;
        return std::filesystem::is_regular_file(value, ignored)
                   ? ""
                   : told<"'{}' is no file", "«{}» — не файл">(shorten(value));
    }
    std::string operator()(const command& is) {
        made.*is.to = value;
        return {};
    }
    std::string operator()(const choice& is) {
        made.*is.to = value;
        if (std::ranges::find(is.among, std::string_view(value)) != is.among.end()) return {};
        const std::vector<std::string> words(is.among.begin(), is.among.end());
        return told<"'{}' is none of {}{}", "«{}» — не одно из {}{}">(shorten(value), fmt::join(is.among, ", "),
                                                                      persais::text::did_you_mean(value, words));
    }
    std::string operator()(const mode_of& is) {
        made.*is.to = value == "production" ? mode::production : mode::development;
        if (value == "production" || value == "development") return {};
        const std::vector<std::string> words{"development", "production"};
        return told<"'{}' is neither development nor production{}", "«{}» — не development и не production{}">(
            shorten(value), persais::text::did_you_mean(value, words));
    }
    std::string operator()(const whole& is) {
        if (!is.none.empty() && value == is.none) return {};
        auto wrong = std::visit([&](auto to) { return put(parse_whole(value, is.least, is.most), to); }, is.to);
        return wrong.empty() || is.none.empty() ? wrong : fmt::format("{}, nor '{}'", wrong, is.none);
    }
    std::string operator()(const duration& is) {
        auto parsed = parse_duration(value);
        if (parsed && (*parsed < is.least || *parsed > is.most))
            return told<"{} is not from {} to {}", "{} — не от {} до {}">(value, show_duration(is.least),
                                                                          show_duration(is.most));
        return put(parsed, is.to);
    }
    std::string operator()(const money& is) {
        return std::visit([&](auto to) { return put(parse_money(value), to); }, is.to);
    }
    std::string operator()(const flag& is) { return put(parse_boolean(value), is.to); }
    std::string operator()(const ids& is) { return put(parse_ids(value), is.to); }
};

} // namespace

std::string store_value(settings& made, const row& each, const std::string& value) {
    return std::visit(storer{made, value}, each.is);
}

} // namespace persais::config
