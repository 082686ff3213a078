#include "service/people.hpp"

#include "base/told.hpp"
#include "queue/people.hpp"

#include <algorithm>

namespace persais::service {

namespace {

bool is_admin(const queue::team_member& who) {
    return who.paired || std::ranges::any_of(who.grants, [](const auto& each) {
               return each.repository.empty() && each.role == name_of(role::admin);
           });
}

/// Whether nobody but the person decides anything.
bool alone_decides(const std::vector<queue::team_member>& all, const config::settings& settings, std::int64_t person) {
    bool is = false, others = !settings.telegram_admin_ids.empty();
    for (const auto& each : all)
        (each.id == person ? is : others) |= is_admin(each);
    return is && !others;
}

} // namespace

answer<void> may_decide_on_people(role who) {
    if (who == role::admin) return {};
    return refuse(refusal::reason::admins_only,
                  told<"Only an admin may decide on people.", "Решать о людях может только администратор.">());
}

awaitable<known_people> load_known_people(store::pool& db) {
    known_people known;
    for (const auto& each : co_await queue::team(db)) {
        if (each.paired) known.admins.insert(each.id);
        if (each.let_in) known.let_in.insert(each.id);
        for (const auto& one : each.grants)
            if (auto given = role_named(one.role)) known.grants[each.id][one.repository] = *given;
    }
    co_return known;
}

awaitable<removal> removal_of(store::pool& db, const config::settings& settings, std::int64_t person) {
    auto all = co_await queue::team(db);
    auto found = std::ranges::find(all, person, &queue::team_member::id);
    if (found == all.end() || !(found->paired || found->let_in || !found->grants.empty())) co_return removal{};
    co_return removal{.has_rights = true,
                      .last_admin = alone_decides(all, settings, person),
                      .tasks = co_await queue::tasks_without_result_of(db, person)};
}

awaitable<role_change> role_change_of(store::pool& db, const config::settings& settings, std::int64_t person,
                                      std::string repository, std::optional<role> given) {
    auto all = co_await queue::team(db);
    if (repository.empty() && given != role::admin && alone_decides(all, settings, person))
        co_return role_change{.possible = false, .last_admin = true};
    if (given) co_return role_change{.possible = true};
    auto found = std::ranges::find(all, person, &queue::team_member::id);
    bool has = found != all.end() &&
               std::ranges::find(found->grants, repository, &queue::role_grant::repository) != found->grants.end();
    co_return role_change{.possible = has};
}

} // namespace persais::service
