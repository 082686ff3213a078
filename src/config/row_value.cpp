#include "config/row_value.hpp"

#include "base/text.hpp"
#include "config/values.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::config {

namespace {

/// Calls `with` with the member (a pointer into settings) that the row fills.
template <class F>
auto with_member(const row& each, F with) {
    return std::visit(
        [&](const auto& is) {
            if constexpr (requires { is.to.index(); }) // int or optional<int>, double or optional<double>
                return std::visit(with, is.to);
            else
                return with(is.to);
        },
        each.is);
}

struct writer {
    std::string operator()(const secret& value) const {
        if (value.empty()) return {};
        auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
        return fmt::format("set ({} characters)", std::ranges::count_if(value.reveal(), starts_character));
    }
    std::string operator()(const std::string& value) const {
        auto line = persais::text::printable(value);
        std::ranges::replace(line, '\n', ' ');
        return line;
    }
    std::string operator()(const std::filesystem::path& value) const { return (*this)(value.string()); }
    std::string operator()(mode value) const { return value == mode::production ? "production" : "development"; }
    std::string operator()(std::chrono::milliseconds value) const { return show_duration(value); }
    std::string operator()(bool value) const { return value ? "on" : "off"; }
    std::string operator()(int value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(const std::vector<std::int64_t>& value) const {
        return fmt::format("{}", fmt::join(value, ","));
    }
    template <class T>
    std::string operator()(const std::optional<T>& value) const {
        return value ? (*this)(*value) : std::string();
    }
};

} // namespace

bool same(const row& each, const settings& left, const settings& right) {
    return with_member(each, [&](auto to) { return left.*to == right.*to; });
}

void take_over(const row& each, settings& to, const settings& from) {
    with_member(each, [&](auto member) { to.*member = from.*member; });
}

std::string shown_value(const row& each, const settings& of) {
    auto text = with_member(each, [&](auto to) { return writer{}(of.*to); });
    if (auto* number = std::get_if<whole>(&each.is); number && text.empty()) text = number->none;
    return text;
}

} // namespace persais::config
