#include "service/repositories.hpp"

#include "base/comma_parts.hpp"
#include "base/nearest.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "config/checks.hpp"
#include "forge/place.hpp"
#include "service/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::service {

using enum refusal::reason;
using queue::column;
using store::statement;

namespace {

constexpr std::array words_of_repo{"list", "add", "show", "set", "unset", "remove", "token", "env"};

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string listed(const std::vector<std::string>& all) {
    return fmt::format("{}", fmt::join(all, ", "));
}

/// One setting: its name, its column, which values it takes, and how they are written.
struct row {
    std::string_view name;
    column at;
    std::vector<std::string_view> choices;        // that it takes; empty: `wrong` says
    std::string (*wrong)(std::string_view value); // as in config/checks.hpp; null: any text
    std::string (*shown)(const queue::repository& of);
    std::string about;
};

std::string command(std::string_view value) {
    bool odd = value.find('\0') != value.npos || value.size() > limits::repository_value_bytes;
    return odd ? told<"at most {} bytes", "не больше {} байт">(limits::repository_value_bytes) : "";
}

std::string several(std::string_view value) {
    auto parts = comma_parts(value);
    bool odd = std::ranges::any_of(parts, [](auto p) { return p.empty(); }) || parts.size() > limits::repository_list ||
               value.size() > limits::repository_value_bytes;
    return odd ? told<"a list such as deploy/,*.pem of at most {}", "список вида deploy/,*.pem из не более {}">(
                     limits::repository_list)
               : "";
}

std::string model_list(std::string_view value) {
    auto wrong = several(value);
    return wrong.empty() ? config::model_names(value) : wrong;
}

std::string api_root(std::string_view value) {
    auto wrong = config::http_url(value);
    if (wrong.empty() && is_open_http(value))
        wrong = told<"https, because the token would be sent unencrypted",
                     "нужен https, иначе токен уйдёт без шифрования">();
    return wrong;
}

std::string whole(std::string_view value) {
    int n = 0;
    auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
    bool right = ec == std::errc() && end == value.data() + value.size() && n >= 1 && n <= limits::repository_parallel;
    return right ? "" : told<"a number from 1 to {}", "число от 1 до {}">(limits::repository_parallel);
}

/// In the order in which they are shown.
const std::vector<row>& table() {
    using type = column::type;
    static const std::vector<row> all{
        {"base",
         {"base_branch"},
         {},
         config::branch,
         [](const auto& r) { return r.base_branch.value_or(""); },
         told<"branch that work starts from", "ветка, от которой начинается работа">()},
        {"setup",
         {"setup"},
         {},
         command,
         [](const auto& r) { return r.setup.value_or(""); },
         told<"command that installs what the checks need", "команда, которая ставит нужное для проверок">()},
        {"check",
         {"check_command"},
         {},
         command,
         [](const auto& r) { return r.check.value_or(""); },
         told<"command that is green when a change is good", "команда, которая проходит, если изменение хорошее">()},
        {"parallel",
         {"parallel", type::number},
         {},
         whole,
         [](const auto& r) { return r.parallel ? std::to_string(*r.parallel) : ""; },
         told<"tasks of it at once", "сколько её задач идёт одновременно">()},
        {"allow",
         {"allow", type::list},
         {},
         several,
         [](const auto& r) { return listed(r.allow); },
         told<"patterns of what may be changed", "шаблоны того, что можно менять">()},
        {"protect",
         {"protect", type::list},
         {},
         several,
         [](const auto& r) { return listed(r.protect); },
         told<"patterns of what may not", "шаблоны того, что менять нельзя">()},
        {"land",
         {"land"},
         {"push", "request"},
         nullptr,
         [](const auto& r) { return r.land.value_or(""); },
         told<"how a result comes onto the base branch (DEPLOY_STRATEGY)",
              "как результат попадает в основную ветку (DEPLOY_STRATEGY)">()},
        {"forge",
         {"forge"},
         {"github", "gitlab", "gitea", "none"},
         nullptr,
         [](const auto& r) { return r.forge.value_or(""); },
         told<"whose API its host has (FORGE)", "чей API у его хоста (FORGE)">()},
        {"api",
         {"api_url"},
         {},
         api_root,
         [](const auto& r) { return r.api.value_or(""); },
         told<"root of that API", "корень этого API">()},
        {"intake",
         {"intake", type::flag},
         {"on", "off"},
         nullptr,
         [](const auto& r) { return std::string(r.intake ? "on" : ""); },
         told<"whether issues, comments and reviews there give tasks: on (GitHub)",
              "дают ли там задачи issues, комментарии и ревью: on (GitHub)">()},
        {"models",
         {"models", type::list},
         {},
         model_list,
         [](const auto& r) { return listed(r.models); },
         told<"models that may be used; the first one where AIDER_MODEL is none of them",
              "разрешённые модели; первая, если AIDER_MODEL среди них нет">()},
        {"zdr",
         {"zero_retention", type::flag},
         {"on", "off"},
         nullptr,
         [](const auto& r) { return std::string(r.zero_retention ? "on" : ""); },
         told<"only endpoints that keep nothing (OpenRouter)",
              "только провайдеры, которые ничего не хранят (OpenRouter)">()},
        {"data_collection",
         {"no_collection", type::flag},
         {"deny", "allow"},
         nullptr,
         [](const auto& r) { return std::string(r.no_collection ? "deny" : ""); },
         told<"only endpoints that do not learn from it: deny (OpenRouter)",
              "только провайдеры, которые на этом не учатся: deny (OpenRouter)">()},
        {"env_for",
         {"environment_for"},
         {"nobody", "setup", "checks"},
         nullptr,
         [](const auto& r) {
             return std::string(r.environment_for == queue::reaches::nobody ? "" : queue::to_string(r.environment_for));
         },
         told<"whom its environment reaches: nobody, setup, or checks (setup too)",
              "кому видно его окружение: nobody, setup или checks (и setup)">()},
    };
    return all;
}

answer<const row*> find(std::string_view name) {
    auto found = std::ranges::find(table(), name, &row::name);
    if (found != table().end()) return &*found;
    return refuse(
        bad_setting,
        told<"'{}' is no setting of a repository; there are: {}.", "«{}» — не настройка репозитория; есть: {}.">(
            text::first_characters(text::printable(name), 40), listed(setting_names())));
}

queue::change_of_repository because(const std::string& by, std::string_view name, std::string_view value) {
    auto detail = value.empty() ? fmt::format("{} unset", name) : fmt::format("{}: {}", name, value);
    return {by, text::first_characters(detail, limits::repository_detail_characters)};
}

} // namespace

std::string variable_context(std::string_view remote, std::string_view name) {
    return fmt::format("repository environment {} {}", name, remote);
}

std::string closed_variable(std::string_view repository, std::string_view name) {
    return told<"{} of the environment of {} cannot be opened, because PERSAIS_MASTER_KEY is another one: set it again "
                "with `persais repo env`.",
                "{} из окружения {} не открыть: PERSAIS_MASTER_KEY теперь другой. Задайте заново: `persais repo env`.">(
        name, repository);
}

bool is_repository_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && is_letter_or_digit(text.front()) &&
           std::ranges::all_of(text,
                               [](char c) { return is_letter_or_digit(c) || std::string_view("._/-").contains(c); }) &&
           std::ranges::find(words_of_repo, text) == words_of_repo.end();
}

std::string usual_name(std::string_view address) {
    return forge::short_name(address);
}

bool takes_token(std::string_view address) {
    auto url = cut_url(address);
    if (!url) return false;
    auto scheme = lower_case(url->scheme);
    return (scheme == "https" || scheme == "http") && !is_open_http(address);
}

answer<void> may_be_address(std::string_view address) {
    if (auto url = cut_url(address); url && url->user && lower_case(url->scheme).starts_with("http"))
        return refuse(bad_remote, told<"Leave user and token out of the address: the token is given by itself.",
                                       "Уберите из адреса имя пользователя и токен: токен задаётся отдельно.">());
    if (auto wrong = config::git_url(address); !wrong.empty())
        return refuse(bad_remote, told<"The address {}.", "Адрес не подходит: {}.">(wrong));
    return {};
}

std::vector<repository_setting> settings_of(const queue::repository& one) {
    std::vector<repository_setting> all;
    for (const auto& each : table())
        all.push_back({std::string(each.name), each.shown(one), each.about});
    return all;
}

std::vector<std::string> setting_names() {
    std::vector<std::string> all;
    for (const auto& each : table())
        all.emplace_back(each.name);
    return all;
}

answer<statement> set_repository(const queue::repository& one, std::string_view name, std::string_view value,
                                 const std::string& by) {
    auto which = find(name);
    if (!which) return std::unexpected(which.error());
    const row& setting = **which;
    value = text::trim(value);
    if (value.empty())
        return refuse(bad_setting, told<"No value for {}: to take it back, unset it.",
                                        "Нет значения для {}: чтобы убрать настройку, есть unset.">(name));
    if (!text::valid_utf8(value)) return refuse(bad_setting, told<"{} is not valid UTF-8.", "{} — не UTF-8.">(name));
    if (!setting.choices.empty() && std::ranges::find(setting.choices, value) == setting.choices.end())
        return refuse(bad_setting, told<"{}: '{}' is none of {}.", "{}: «{}» — не одно из {}.">(
                                       name, text::first_characters(text::printable(value), 40),
                                       fmt::format("{}", fmt::join(setting.choices, ", "))));
    if (setting.wrong)
        if (auto wrong = setting.wrong(value); !wrong.empty())
            return refuse(bad_setting, told<"The setting {}: {}.", "Настройка {}: {}.">(name, wrong));
    auto why = because(by, name, value);
    if (setting.at.is == column::type::list) {
        std::vector<std::string> parts;
        for (auto part : comma_parts(value))
            parts.emplace_back(part);
        return queue::set_list(one.id, setting.at, parts, std::move(why));
    }
    auto stored = std::string(value);
    if (setting.at.is == column::type::flag) stored = value == setting.choices.front() ? "true" : "false";
    return queue::set_column(one.id, setting.at, std::move(stored), std::move(why));
}

answer<statement> unset_repository(const queue::repository& one, std::string_view name, const std::string& by) {
    auto which = find(name);
    if (!which) return std::unexpected(which.error());
    return queue::set_column(one.id, (*which)->at, std::nullopt, because(by, name, ""));
}

answer<statement> give_token(const queue::repository& one, const secret& token, const seal& sealing,
                             const std::string& by) {
    if (!takes_token(one.remote))
        return refuse(bad_setting, told<"{} takes no token, because its address is not https.",
                                        "{} не принимает токен: его адрес — не https.">(one.name));
    auto wrong = token.empty() ? told<"is empty", "пуст">() : config::token(token.reveal());
    if (token.reveal().size() > limits::repository_value_bytes) wrong = told<"is too long", "слишком длинный">();
    if (!wrong.empty()) return refuse(bad_setting, told<"The token {}.", "Токен: {}.">(wrong));
    return queue::set_token(one.id, sealing.shut(token, token_context), {by, "token"});
}

statement take_token(const queue::repository& one, const std::string& by) {
    return queue::set_token(one.id, std::nullopt, because(by, "token", ""));
}

answer<void> may_be_variable(const queue::repository& one, std::string_view name) {
    // What programs of setup and checks are started with, and what would make another program of them.
    static constexpr std::array ours{"HOME", "USER", "LOGNAME", "SHELL", "PATH",     "LANG", "TMPDIR",
                                     "TERM", "CI",   "PWD",     "IFS",   "BASH_ENV", "ENV",  "GOTOOLCHAIN"};
    bool plain = !name.empty() && name.size() <= 128 && !(name.front() >= '0' && name.front() <= '9') &&
                 std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '_'; });
    if (!plain)
        return refuse(bad_setting,
                      told<"'{}' is no name of an environment variable.", "«{}» — не имя переменной окружения.">(
                          text::first_characters(text::printable(name), 40)));
    auto upper = std::string(name);
    std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    if (std::ranges::find(ours, upper) != ours.end() || upper.starts_with("LD_") || upper.ends_with("_PROXY"))
        return refuse(bad_setting, told<"{} is set by Persais itself.", "{} задаёт сам Persais.">(name));
    bool there = std::ranges::any_of(one.environment, [&](const auto& v) { return v.name == name; });
    if (!there && one.environment.size() >= limits::repository_variables)
        return refuse(
            bad_setting,
            told<"{} has {} variables already, and no more are kept.", "У {} уже {} переменных, больше не хранится.">(
                one.name, limits::repository_variables));
    return {};
}

answer<statement> set_variable(const queue::repository& one, std::string_view name, const secret& value,
                               const seal& sealing, const std::string& by) {
    if (auto may = may_be_variable(one, name); !may) return std::unexpected(may.error());
    const auto& plain = value.reveal();
    if (plain.size() < limits::repository_variable_least_bytes)
        return refuse(bad_setting, told<"The value of {} is shorter than {} bytes: it could not be hidden in what the "
                                        "checks print. What is no secret stands in the command.",
                                        "Значение {} короче {} байт: его не скрыть в выводе проверок. Не секрет можно "
                                        "написать прямо в команде.">(name, limits::repository_variable_least_bytes));
    if (plain.size() > limits::repository_value_bytes || plain.contains('\0'))
        return refuse(
            bad_setting,
            told<"The value of {} is longer than {} bytes, or no text.", "Значение {} длиннее {} байт или не текст.">(
                name, limits::repository_value_bytes));
    auto sealed = sealing.shut(value, variable_context(one.remote, name));
    return queue::set_variable(one.id, std::string(name), sealed, {by, fmt::format("env {}", name)});
}

answer<statement> unset_variable(const queue::repository& one, std::string_view name, const std::string& by) {
    if (std::ranges::none_of(one.environment, [&](const auto& v) { return v.name == name; }))
        return refuse(bad_setting, told<"The environment of {} has no '{}'.", "В окружении {} нет «{}».">(
                                       one.name, text::first_characters(text::printable(name), 40)));
    return queue::set_variable(one.id, std::string(name), std::nullopt, {by, fmt::format("env {} unset", name)});
}

awaitable<answer<statement>> remove_repository(store::pool& db, queue::repository one, std::string by) {
    if (int n = co_await queue::unfinished_of(db, one.remote); n > 0)
        co_return refuse(repository_used,
                         told<"{} tasks of {} are not done: let them end, or abort them.",
                              "Незавершённых задач у {1}: {0}. Дождитесь их или прервите.">(n, one.name));
    co_return queue::remove_repository(one, std::move(by));
}

awaitable<answer<queue::repository>> find_repository(store::pool& db, std::string name) {
    if (auto found = co_await queue::repository_named(db, name)) co_return std::move(*found);
    auto shown = text::first_characters(text::printable(name), 80);
    std::vector<std::string> names;
    for (const auto& each : co_await queue::repositories_of(db))
        names.push_back(each.name);
    auto near = text::nearest(name, names);
    co_return refuse(
        unknown_repository,
        near ? told<"There is no repository '{}'; '{}' perhaps?", "Репозитория «{}» нет; может быть, «{}»?">(shown,
                                                                                                             *near)
             : told<"There is no repository '{}': `persais repo list` has all.",
                    "Репозитория «{}» нет: все показывает `persais repo list`.">(shown));
}

} // namespace persais::service
