#include "telegram/api/command.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

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

/// The edit distance: letters to change, add, leave out or swap with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j)
        d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
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
    if (name.size() > name_most) return std::nullopt;
    auto word = lower(name);
    const command_row* best = nullptr;
    std::size_t least = std::max<std::size_t>(1, std::min<std::size_t>(2, word.size() / 3)) + 1;
    for (const auto& row : table) {
        // "stat" means /status; "st" is ambiguous.
        bool begun = word.size() >= 3 && (row.name.starts_with(word) || word.starts_with(row.name));
        auto d = begun ? 0 : distance(word, row.name);
        if (d < least) {
            least = d;
            best = &row;
        }
    }
    return best ? std::optional(best->what) : std::nullopt;
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
