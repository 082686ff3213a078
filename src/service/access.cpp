#include "service/access.hpp"

#include "base/told.hpp"
#include "base/url.hpp"
#include "config/deploy_rules.hpp"
#include "forge/place.hpp"
#include "service/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::service {

using enum refusal::reason;

namespace {

constexpr std::array<std::pair<role, std::string_view>, 4> role_names{
    {{role::reader, "reader"}, {role::user, "member"}, {role::deployer, "deployer"}, {role::admin, "admin"}}};

/// nullopt: nothing is said of the person there.
std::optional<role> granted(std::int64_t person, const std::string& repository, const known_people& known) {
    auto of = known.grants.find(person);
    if (of == known.grants.end()) return std::nullopt;
    auto here = of->second.find(repository);
    return here == of->second.end() ? std::nullopt : std::optional(here->second);
}

bool is_admin_by_grant(const auto& grant) {
    auto everywhere = grant.second.find("");
    return everywhere != grant.second.end() && everywhere->second == role::admin;
}

} // namespace

std::optional<role> role_named(std::string_view name) {
    for (const auto& [which, word] : role_names)
        if (word == name) return which;
    return std::nullopt;
}

std::string_view name_of(role r) {
    for (const auto& [which, word] : role_names)
        if (which == r) return word;
    return "stranger";
}

std::string repository_key(std::string_view remote) {
    return lower_case(forge::short_name(remote));
}

namespace {

/// The role of everywhere; nullopt: the person has none.
std::optional<role> role_everywhere(std::int64_t person, const config::settings& settings, const known_people& known) {
    auto among = [&](const std::vector<std::int64_t>& ids) { return std::ranges::find(ids, person) != ids.end(); };
    auto given = granted(person, "", known);
    if (among(settings.telegram_admin_ids) || known.admins.contains(person) || given == role::admin) return role::admin;
    bool nobody_answers_for_it = settings.telegram_admin_ids.empty() && known.admins.empty() &&
                                 std::ranges::none_of(known.grants, [](const auto& g) { return is_admin_by_grant(g); });
    if (nobody_answers_for_it && settings.app_env == config::mode::production) return role::stranger;
    if (given) return given;
    return known.let_in.contains(person) || among(settings.allowed_user_ids) ? std::optional(role::user) : std::nullopt;
}

} // namespace

role role_of(std::int64_t person, const config::settings& settings, const known_people& known) {
    if (auto everywhere = role_everywhere(person, settings, known)) return *everywhere;
    return known.grants.contains(person) ? role::reader : role::stranger;
}

role role_in(std::int64_t person, std::string_view remote, const config::settings& settings,
             const known_people& known) {
    auto everywhere = role_everywhere(person, settings, known);
    if (everywhere == role::admin || everywhere == role::stranger) return *everywhere;
    return granted(person, repository_key(remote), known).value_or(everywhere.value_or(role::stranger));
}

answer<void> may_give(role who) {
    if (who == role::stranger)
        return refuse(not_yours, told<"You have no role in this repository: an admin gives one.",
                                      "У вас нет роли в этом репозитории: её даёт администратор.">());
    if (who == role::reader)
        return refuse(readers_only, told<"You may look at this repository's tasks, and not give any: ask an admin.",
                                         "Задачи этого репозитория вы можете смотреть, но не давать: спросите "
                                         "администратора.">());
    return {};
}

relation relation_to(role who, std::int64_t person, std::optional<std::int64_t> asked_by, bool reads_along) {
    if (who == role::stranger) return relation::none;
    if (who == role::reader) return asked_by && (asked_by == person || reads_along) ? relation::sees : relation::none;
    if (who == role::admin || asked_by == person) return relation::owns;
    return asked_by && reads_along ? relation::sees : relation::none;
}

relation relation_at(std::string_view remote, role who, std::int64_t person, std::optional<std::int64_t> asked_by,
                     bool reads_along, const std::vector<std::string>& given, const config::settings& settings) {
    if (auto made = relation_to(who, person, asked_by, reads_along); made != relation::none) return made;
    auto here = repository_key(remote);
    bool given_here = std::ranges::any_of(given, [&](const auto& each) { return each.empty() || each == here; });
    if (who != role::stranger && given_here) return relation::sees;
    auto rule = landing_rule_of(remote, settings);
    bool named = rule.people && std::ranges::find(*rule.people, person) != rule.people->end();
    return named ? relation::sees : relation::none;
}

answer<void> may_raise(role who, relation what, double usd, const config::settings& settings) {
    if (what != relation::owns)
        return refuse(not_yours, told<"The task is another person's.", "Это задача другого человека.">());
    if (who != role::admin)
        return refuse(
            admins_only,
            told<"Only an admin may give a task more money.", "Увеличить бюджет задачи может только администратор.">());
    if (!(usd > 0) || !std::isfinite(usd))
        return refuse(bad_budget,
                      told<"A budget is a number of dollars, above 0.", "Бюджет — это сумма в долларах больше 0.">());
    if (usd > settings.budget_day_usd)
        return refuse(over_day, told<"A task may be given at most the day's budget, ${:.2f} (BUDGET_DAY_USD).",
                                     "Бюджет задачи не может быть больше дневного: ${:.2f} (BUDGET_DAY_USD).">(
                                    settings.budget_day_usd));
    return {};
}

answer<void> may_push_anyway(role who, relation what) {
    if (what == relation::none)
        return refuse(not_yours, told<"The task is another person's.", "Это задача другого человека.">());
    if (who != role::admin)
        return refuse(
            admins_only,
            told<"Only an admin may let that be pushed.", "Разрешить такую отправку может только администратор.">());
    return {};
}

landing_rule landing_rule_of(std::string_view remote, const config::settings& settings) {
    landing_rule made;
    auto rules = config::read_deploy_rules(settings.deploy_rules).value_or(std::vector<config::deploy_rule>{});
    for (const auto& name : {std::string("*"), lower_case(forge::short_name(remote))}) {
        auto found = std::ranges::find(rules, name, &config::deploy_rule::repository);
        if (found == rules.end()) continue;
        if (found->by) made.people = found->by;
        made.own = found->own.value_or(made.own);
        made.approvals = found->approvals.value_or(made.approvals);
    }
    return made;
}

answer<void> may_land(const lander& l, const landing_rule& rule, bool back) {
    bool named = rule.people && (!l.person || std::ranges::find(*rule.people, *l.person) != rule.people->end());
    if (l.who == role::stranger || (!named && l.what == relation::none))
        return refuse(not_yours, told<"The task is another person's.", "Это задача другого человека.">());
    if (rule.people && !named)
        return refuse(not_a_deployer, told<"Only these people may deploy here and roll back: {} (DEPLOY_RULES).",
                                           "Выкладывать здесь и откатывать могут только: {} (DEPLOY_RULES).">(
                                          fmt::format("{}", fmt::join(*rule.people, ", "))));
    if (!named && l.who < role::deployer)
        return refuse(admins_only, told<"Only an admin may deploy a result or roll it back.",
                                        "Выкладывать результат и откатывать его может только администратор.">());
    if (!rule.own && l.asked && !back)
        return refuse(own_work,
                      told<"Whoever asked for a change may not deploy it here: another person has to.",
                           "Кто просил об изменении, тот не может его выложить: это должен сделать другой.">());
    if (l.second_factor == lander::code::no_app)
        return refuse(no_factor, told<"Deploying and rolling back need an authenticator app, and none is set up.",
                                      "Для выкладки и отката нужен аутентификатор, а он не настроен.">());
    if (l.second_factor == lander::code::missing)
        return refuse(needs_code, told<"Deploying and rolling back need a code of the authenticator app.",
                                       "Для выкладки и отката нужен код из аутентификатора.">());
    return {};
}

namespace {

std::optional<std::int64_t> number_of(const std::string& by) {
    std::int64_t id = 0;
    auto [end, ec] = std::from_chars(by.data(), by.data() + by.size(), id);
    return ec == std::errc() && end == by.data() + by.size() ? std::optional(id) : std::nullopt;
}

known_people people_in(const queue::landing_record& known) {
    known_people all{{known.admins.begin(), known.admins.end()}, {known.let_in.begin(), known.let_in.end()}};
    for (const auto& each : known.grants)
        if (auto given = role_named(each.role)) all.grants[each.person][each.repository] = *given;
    return all;
}

bool among(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

/// Those of `all`, as landing::by names them, who may land this now.
std::vector<std::string> those_who_may(const std::vector<std::string>& all, const queue::landing_record& known,
                                       const landing_rule& rule, const config::settings& settings) {
    std::vector<std::string> may;
    for (const auto& by : all) {
        auto person = number_of(by);
        lander now{.who = person ? role_of(*person, settings, people_in(known)) : role::admin,
                   .person = person,
                   .asked = among(known.asked_by, by)};
        if (may_land(now, rule, false)) may.push_back(by);
    }
    return may;
}

/// On whose word a landing stands.
std::vector<std::string> words_of(const mechanic::landing& l) {
    return l.agreed.empty() ? std::vector{l.by} : l.agreed;
}

} // namespace

queue::landing_record with_grants_at(std::string_view remote, queue::landing_record known) {
    auto here = repository_key(remote);
    std::map<std::int64_t, queue::landing_record::grant> counts;
    for (auto& each : known.grants) {
        if (each.repository != here && !each.repository.empty()) continue;
        auto& one = counts[each.person];
        if (one.repository.empty() && one.role == name_of(role::admin)) continue;
        if (one.role.empty() || each.repository == here || each.role == name_of(role::admin)) one = std::move(each);
    }
    known.grants.clear();
    for (auto& [person, one] : counts)
        known.grants.push_back({person, "", std::move(one.role)});
    return known;
}

lander lander_of(const std::string& by, role who, relation what, const queue::landing_record& known,
                 const config::settings& settings) {
    auto person = number_of(by);
    lander made{.who = who,
                .what = what,
                .person = person,
                .asked = among(known.asked_by, person ? std::string_view(by) : queue::terminal)};
    if (settings.deploy_second_factor != "totp") return made;
    bool fresh = known.proved && *known.proved < settings.deploy_second_factor_window;
    made.second_factor = !known.factor_set_up ? lander::code::no_app
                         : fresh              ? lander::code::shown
                                              : lander::code::missing;
    return made;
}

std::vector<std::string> approvals_that_count(const queue::landing_record& known, const landing_rule& rule,
                                              const config::settings& settings) {
    return those_who_may(known.approved_by, known, rule, settings);
}

bool depends_on_people(const mechanic::landing& l, const landing_rule& rule) {
    if (l.what == mechanic::landing::kind::roll_back) return false; // it goes on, whoever asked
    return !rule.own || rule.people ||
           std::ranges::any_of(words_of(l), [](const auto& by) { return number_of(by).has_value(); });
}

std::optional<std::string> right_that_went(const mechanic::landing& l, const queue::landing_record& known,
                                           const landing_rule& rule, const config::settings& settings) {
    if (l.what == mechanic::landing::kind::roll_back) return std::nullopt; // it makes things safer, whoever asked
    const int needed = l.agreed.empty() ? 1 : rule.approvals;
    const int count = static_cast<int>(those_who_may(words_of(l), known, rule, settings).size());
    if (count >= needed) return std::nullopt;
    return told<
        "A right was taken back meanwhile: {} of {} approvals count now, and nothing was deployed. It has to be "
        "approved anew.",
        "Тем временем право было отозвано: действительных одобрений {} из {}, ничего не выложено. Одобрить "
        "нужно заново.">(count, needed);
}

std::vector<queue::right_by_setting> rights_by_settings(const config::settings& settings) {
    std::vector<queue::right_by_setting> all;
    for (auto id : settings.telegram_admin_ids)
        all.push_back({.setting = "TELEGRAM_ADMIN_IDS", .holder = std::to_string(id)});
    for (auto id : settings.allowed_user_ids) // in which the admins are, too
        if (std::ranges::find(settings.telegram_admin_ids, id) == settings.telegram_admin_ids.end())
            all.push_back({.setting = "ALLOWED_USER_IDS", .holder = std::to_string(id)});
    auto rules = config::read_deploy_rules(settings.deploy_rules).value_or(std::vector<config::deploy_rule>{});
    for (const auto& each : rules) {
        std::vector<std::string> words;
        if (each.by) words.push_back(fmt::format("by={}", fmt::join(*each.by, ",")));
        if (each.own) words.emplace_back(*each.own ? "own=on" : "own=off");
        if (each.approvals) words.push_back(fmt::format("approvals={}", *each.approvals));
        all.push_back({"DEPLOY_RULES", each.repository, fmt::format("{}", fmt::join(words, " "))});
    }
    return all;
}

std::vector<std::int64_t> who_may_land(const queue::landing_record& known, const landing_rule& rule,
                                       const config::settings& settings) {
    if (rule.people) return *rule.people;
    auto all = settings.telegram_admin_ids;
    std::ranges::copy_if(known.admins, std::back_inserter(all),
                         [&](auto id) { return std::ranges::find(all, id) == all.end(); });
    for (const auto& [person, by_repository] : people_in(known).grants)
        if (role_of(person, settings, people_in(known)) >= role::deployer &&
            std::ranges::find(all, person) == all.end())
            all.push_back(person);
    return all;
}

answer<void> may_wait(int waiting, std::optional<int> most) {
    if (waiting < std::min(most.value_or(limits::person_waiting), limits::person_waiting)) return {};
    return refuse(too_many, told<"{} tasks of yours wait already: let some of them begin first.",
                                 "Ваших задач уже ждёт: {}. Сначала дайте начаться некоторым из них.">(waiting));
}

answer<void> may_keep(int kept) {
    if (kept < limits::replies_kept) return {};
    return refuse(too_many, told<"{} replies to this task wait already: let some of them begin first.",
                                 "Ответов на эту задачу уже ждёт: {}. Сначала дайте начаться некоторым из них.">(kept));
}

} // namespace persais::service
