#include "service/money.hpp"

#include "base/told.hpp"
#include "base/url.hpp"
#include "forge/place.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace persais::service {

using enum refusal::reason;
using queue::owner;

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == text.npos && text[0] != '0';
}

bool amount_is_wrong(const std::optional<double>& usd) {
    constexpr double most = 9'999'999; // of the ledger's columns
    return usd && (!std::isfinite(*usd) || *usd < 0 || *usd > most);
}

} // namespace

answer<owner> repository_budget(std::string_view named) {
    bool address = named.find_first_of(":@") != named.npos || named.starts_with('/') || named.starts_with('.');
    auto name = lower_case(address ? forge::short_name(named) : std::string(named));
    if (name.empty())
        return refuse(no_repository, told<"A repository has a name, such as team/app, or an address.",
                                          "У репозитория есть имя, например team/app, или адрес.">());
    return owner{"repository", std::move(name)};
}

answer<owner> person_budget(std::string_view named) {
    if (named != queue::terminal && !is_number(named))
        return refuse(no_person, told<"A person is named by their number in Telegram, or as terminal.",
                                      "Человека называют его номером в Telegram или словом terminal.">());
    return owner{"person", std::string(named)};
}

answer<void> may_set_budget(role who, const queue::own_budget& what) {
    if (who != role::admin)
        return refuse(admins_only,
                      told<"Only an admin may set a budget.", "Задавать бюджеты может только администратор.">());
    if (amount_is_wrong(what.day_usd) || amount_is_wrong(what.month_usd) || (what.waiting && *what.waiting < 0))
        return refuse(
            bad_budget,
            told<"A budget is a number of dollars, 0 or more.", "Бюджет — это сумма в долларах, 0 или больше.">());
    if (!what.day_usd && !what.month_usd && !what.waiting)
        return refuse(bad_budget,
                      told<"Nothing is said of the budget: give a day's, a month's, or how many tasks may wait.",
                           "О бюджете ничего не сказано: задайте дневной, месячный или сколько задач может ждать.">());
    if (what.waiting && what.of.kind != "person")
        return refuse(bad_budget, told<"Only of a person it is said how many tasks may wait.",
                                       "Сколько задач может ждать, задаётся только человеку.">());
    return {};
}

answer<void> may_pause(role who) {
    if (who == role::admin) return {};
    return refuse(admins_only, told<"Only an admin may pause all spending, or let it go on.",
                                    "Приостановить расходы и возобновить их может только администратор.">());
}

awaitable<money_left> money_left_for(store::pool& db, const config::settings& settings, time_point now,
                                     std::string person, std::string repository) {
    std::vector<owner> owners;
    if (!repository.empty()) owners.push_back({"repository", std::move(repository)});
    owners.push_back({"person", std::move(person)});
    auto known = co_await queue::money_of(db, now, std::move(owners));
    money_left all{.lines = {{{}, false, known.all.day_usd, settings.budget_day_usd}},
                   .paused = co_await queue::paused(db)};
    if (settings.budget_month_usd) all.lines.push_back({{}, true, known.all.month_usd, *settings.budget_month_usd});
    for (const auto& each : known.owners) {
        if (each.budget.day_usd) all.lines.push_back({each.budget.of, false, each.now.day_usd, *each.budget.day_usd});
        if (each.budget.month_usd)
            all.lines.push_back({each.budget.of, true, each.now.month_usd, *each.budget.month_usd});
    }
    co_return all;
}

std::string owner_words(const owner& of) {
    if (of.kind.empty()) return told<"everybody", "все">();
    if (of.kind == "repository") return of.name;
    if (of.name == queue::terminal) return told<"the terminal", "терминал">();
    return told<"person {}", "человек {}">(of.name);
}

std::string warning_words(const queue::budget_warning& what) {
    bool month = what.budget == "month_budget";
    auto colon = what.whose.find(':');
    bool own = colon != what.whose.npos;
    auto whose = own ? owner_words({what.whose.substr(0, colon), what.whose.substr(colon + 1)}) : std::string();
    auto of = own ? told<" for {}", " ({})">(whose) : std::string();
    return month ? told<"${:.2f} of the month's budget of ${:.2f}{} are spent or reserved.",
                        "Из месячного бюджета потрачено или отложено ${:.2f} из ${:.2f}{}.">(what.counted_usd,
                                                                                             what.budget_usd, of)
                 : told<"${:.2f} of the day's budget of ${:.2f}{} are spent or reserved.",
                        "Из дневного бюджета потрачено или отложено ${:.2f} из ${:.2f}{}.">(what.counted_usd,
                                                                                            what.budget_usd, of);
}

} // namespace persais::service
