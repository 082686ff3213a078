#include "config/example.hpp"

#include "base/comma_parts.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::config {

namespace {

constexpr std::array<std::string_view, 2> people{"123456", "789012"};
constexpr std::string_view database_host = "host";
constexpr std::string_view web_host = "app.fly.dev";
constexpr std::array<std::string_view, 2> repositories{"github.com/user/repo", "github.com:user/repo"};

bool is_crosses(std::string_view value) { // xxx
    return value.size() >= 3 && std::ranges::all_of(value, [](char c) { return c == 'x' || c == 'X'; });
}

own_value without_people(std::string_view value) {
    std::vector<std::string_view> examples, own;
    for (auto part : comma_parts(value))
        (std::ranges::find(people, part) == people.end() ? own : examples).push_back(part);
    return {fmt::format("{}", fmt::join(examples, ",")), fmt::format("{}", fmt::join(own, ","))};
}

/// The host or repository of ours in an address; empty: it is another one.
std::string_view example_address(std::string_view value) {
    if (auto url = cut_url(value)) {
        if (url->host == database_host && url->scheme.starts_with("postgres")) return database_host;
        if (url->host == web_host) return web_host;
    }
    if (value.ends_with('/')) value.remove_suffix(1);
    if (value.ends_with(".git")) value.remove_suffix(4);
    for (auto repository : repositories) {
        if (!value.ends_with(repository)) continue;
        auto before = value.substr(0, value.size() - repository.size());
        if (before.empty() || before.ends_with('/') || before.ends_with('@')) return repository;
    }
    return {};
}

} // namespace

own_value without_example(const row& each, std::string_view value) {
    if (is_crosses(value)) return {std::string(value.substr(0, 3)), ""};
    if (std::holds_alternative<ids>(each.is)) return without_people(value);
    auto found = example_address(value);
    if (found.empty()) return {"", std::string(value)};
    return {std::string(found), ""};
}

std::string example_words(const own_value& of) {
    if (of.example.empty()) return {};
    return told<"{} is what our example says, so it counts as not given: put your own, or leave it out",
                "{} — значение из нашего примера, поэтому считается незаданным: впишите своё или уберите строку">(
        of.example);
}

} // namespace persais::config
