#include "service/access.hpp"

#include "base/told.hpp"
#include "service/limits.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace persais::service {

using enum refusal::reason;

role role_of(std::int64_t person, const config::settings& settings, const known_people& known) {
    auto among = [&](const std::vector<std::int64_t>& ids) { return std::ranges::find(ids, person) != ids.end(); };
    if (among(settings.telegram_admin_ids) || known.admins.contains(person)) return role::admin;
    bool nobody_answers_for_it = settings.telegram_admin_ids.empty() && known.admins.empty();
    if (nobody_answers_for_it && settings.app_env == config::mode::production) return role::stranger;
    return known.let_in.contains(person) || among(settings.allowed_user_ids) ? role::user : role::stranger;
}

relation relation_to(role who, std::int64_t person, std::optional<std::int64_t> asked_by, bool reads_along) {
    if (who == role::admin || asked_by == person) return relation::owns;
    return asked_by && reads_along ? relation::sees : relation::none;
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

answer<void> may_land(role who, relation what) {
    if (what == relation::none)
        return refuse(not_yours, told<"The task is another person's.", "Это задача другого человека.">());
    if (who != role::admin)
        return refuse(admins_only, told<"Only an admin may deploy a result or roll it back.",
                                        "Выкладывать результат и откатывать его может только администратор.">());
    return {};
}

answer<void> may_wait(int waiting) {
    if (waiting < limits::person_waiting) return {};
    return refuse(too_many, told<"{} tasks of yours wait already: let some of them begin first.",
                                 "Ваших задач уже ждёт: {}. Сначала дайте начаться некоторым из них.">(waiting));
}

answer<void> may_keep(int kept) {
    if (kept < limits::replies_kept) return {};
    return refuse(too_many, told<"{} replies to this task wait already: let some of them begin first.",
                                 "Ответов на эту задачу уже ждёт: {}. Сначала дайте начаться некоторым из них.">(kept));
}

} // namespace persais::service
