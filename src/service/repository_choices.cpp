// What is chosen by what is known of repositories, without asking the database.
#include "base/model_name.hpp"
#include "base/url.hpp"
#include "service/known_repositories.hpp"

#include <algorithm>

namespace persais::service {

std::shared_ptr<const known_repository> known_repositories::of(std::string_view remote) const {
    auto found = std::ranges::find_if(all_, [&](const auto& r) { return r->remote == remote; });
    return found == all_.end() ? nullptr : *found;
}

std::shared_ptr<const known_repository> known_repositories::named(std::string_view name) const {
    auto found = std::ranges::find_if(all_, [&](const auto& r) { return lower_case(r->name) == lower_case(name); });
    return found == all_.end() ? nullptr : *found;
}

std::shared_ptr<const known_repository> repository_at(const known_repositories* known, std::string_view remote) {
    return known ? known->of(remote) : nullptr;
}

std::string forge_of(const queue::repository* own, const config::settings& settings) {
    return own && own->forge ? *own->forge : settings.forge;
}

std::string way_to_land(const queue::repository* own, const config::settings& settings) {
    return own && own->land ? *own->land : settings.deploy_strategy;
}

bool allows_model(const queue::repository* own, std::string_view model) {
    return !own || own->models.empty() ||
           std::ranges::any_of(own->models, [&](const auto& m) { return plain_model(m) == plain_model(model); });
}

std::string model_for(const queue::repository* own, const config::settings& settings) {
    return allows_model(own, settings.aider_model) ? settings.aider_model : own->models.front();
}

} // namespace persais::service
