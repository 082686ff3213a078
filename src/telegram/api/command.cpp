#include "telegram/api/command.hpp"

#include "base/nearest.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace persais::telegram {

namespace {

using i18n::phrase;

/// Indexed by the command's number.
constexpr std::array table{
#define COMMAND(name, admin, task, help) command_row{command::name, #name, admin, task, help},
#include "telegram/api/commands.inc"
#undef COMMAND
};
constexpr std::size_t name_most = 64; // a longer name is no command for Telegram either

bool of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string lower(std::string_view s) {
    std::string out(s);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view take_name(std::string_view& s) {
    std::size_t n = 0;
    while (n < s.size() && of_name(s[n]))
        ++n;
    auto name = s.substr(0, n);
    s.remove_prefix(n);
    return name;
}

std::optional<command> find(std::string_view name) {
    for (const auto& row : table)
        if (row.name == name) return row.what;
    return std::nullopt;
}

} // namespace

std::span<const command_row> commands() {
    return table;
}

const command_row& row_of(command what) {
    return table.at(static_cast<std::size_t>(what));
}

std::optional<spoken> read_command(std::string_view text) {
    text = text::trim(text);
    if (!text.starts_with('/')) return std::nullopt;
    text.remove_prefix(1);
    spoken s{.name = lower(take_name(text))};
    if (s.name.empty() || s.name.size() > name_most) return std::nullopt;
    if (text.starts_with('@')) {
        text.remove_prefix(1);
        s.at = lower(take_name(text));
        if (s.at.empty()) return std::nullopt;
    }
    if (!text.empty() && std::string_view("/<>@").contains(text.front())) return std::nullopt;
    s.rest = text::trim(text);
    s.what = find(s.name);
    auto cut = s.name.rfind('_');
    if (!s.what && cut != s.name.npos) { // /diff_17
        auto what = find(s.name.substr(0, cut));
        if (what && row_of(*what).task && s.rest.empty() && read_task_number(s.name.substr(cut + 1))) {
            s.rest = s.name.substr(cut + 1);
            s.name.resize(cut);
            s.what = what;
        }
    }
    return s;
}

std::optional<command> nearest_command(std::string_view name) {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& row : table)
            all.emplace_back(row.name);
        return all;
    }();
    auto near = text::nearest(name, names);
    return near ? find(*near) : std::nullopt;
}

std::optional<task_id> read_task_number(std::string_view rest) {
    rest = text::trim(rest);
    if (rest.starts_with('#')) rest.remove_prefix(1);
    std::int64_t n = 0;
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), n);
    if (error != std::errc() || end != rest.data() + rest.size() || n <= 0) return std::nullopt;
    return task_id{n};
}

} // namespace persais::telegram
