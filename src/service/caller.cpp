#include "service/caller.hpp"

#include "queue/tasks.hpp"

#include <algorithm>
#include <array>

namespace persais::service {

namespace {

constexpr std::array<std::pair<scope, std::string_view>, 4> scope_names{
    {{scope::read, "read"}, {scope::submit, "submit"}, {scope::deploy, "deploy"}, {scope::admin, "admin"}}};

/// The repositories in which the person was given a role; "" is everywhere.
std::vector<std::string> given_to(std::int64_t person, const known_people& known) {
    std::vector<std::string> all;
    if (auto found = known.grants.find(person); found != known.grants.end())
        for (const auto& [repository, given] : found->second)
            all.push_back(repository);
    return all;
}

} // namespace

std::optional<scope> scope_named(std::string_view word) {
    for (const auto& [which, name] : scope_names)
        if (name == word) return which;
    return std::nullopt;
}

std::string_view name_of(scope s) {
    return std::ranges::find(scope_names, s, [](const auto& each) { return each.first; })->second;
}

std::string caller::by() const {
    return person ? std::to_string(*person) : std::string(queue::terminal);
}

role caller::everywhere(const config::settings& settings) const {
    return person ? role_of(*person, settings, known) : role::admin;
}

role caller::in(std::string_view remote, const config::settings& settings) const {
    return person ? role_in(*person, remote, settings, known) : role::admin;
}

relation caller::to(std::string_view remote, std::optional<std::int64_t> giver,
                    const config::settings& settings) const {
    if (!person) return relation::owns;
    if (everywhere(settings) == role::stranger) return relation::none;
    return relation_at(remote, in(remote, settings), *person, giver, false, given_to(*person, known), settings);
}

bool caller::sees_others(const config::settings& settings) const {
    return everywhere(settings) == role::admin || known.grants.contains(*person) || !settings.deploy_rules.empty();
}

} // namespace persais::service
