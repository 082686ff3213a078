// What `persais repo` shows of a repository.
#include "base/text.hpp"
#include "cli/repo.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "service/repositories.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t name_columns = 18; // "  data_collection "

std::string names_of(const queue::repository& one) {
    std::string all;
    for (const auto& each : one.environment)
        all += (all.empty() ? "" : ", ") + each.name;
    return all;
}

} // namespace

std::string repository_line(const queue::repository& one) {
    std::string set;
    for (const auto& each : service::settings_of(one))
        if (!each.value.empty()) set += (set.empty() ? "" : ", ") + each.name;
    if (one.sealed_token) set += (set.empty() ? "" : ", ") + said<"token", "токен">();
    return fmt::format("{}  {}{}\n", padded(one.name, 20), text::printable(one.remote),
                       set.empty() ? "" : fmt::format("  ({})", set));
}

std::string repository_card(const queue::repository& one) {
    std::string out = one.name + "\n";
    auto line = [&](std::string_view name, const std::string& value) {
        out += fmt::format("  {} {}\n", padded(name, name_columns - 2),
                           value.empty() ? "–" : indented(value, std::string(name_columns + 1, ' ')));
    };
    line(said<"address", "адрес">(), one.remote);
    for (const auto& each : service::settings_of(one))
        line(each.name, text::printable(each.value));
    line(said<"token", "токен">(), one.sealed_token ? said<"set", "задан">() : "");
    line(said<"environment", "окружение">(), names_of(one));
    return out;
}

} // namespace persais::cli
