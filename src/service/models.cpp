#include "service/models.hpp"

#include "base/comma_parts.hpp"
#include "base/model_name.hpp"
#include "base/nearest.hpp"
#include "service/limits.hpp"

#include <algorithm>

namespace persais::service {

namespace {

/// The name that was probably meant: as a whole, or without the vendor before it, which people leave out.
std::optional<std::string> meant_by(std::string_view said, const std::vector<std::string>& names) {
    if (auto whole = text::nearest(said, names)) return whole;
    std::vector<std::string> models;
    for (const auto& each : names)
        models.push_back(each.substr(each.find('/') + 1));
    auto model = text::nearest(said.substr(said.find('/') + 1), models);
    if (!model) return std::nullopt;
    return names.at(static_cast<std::size_t>(std::ranges::find(models, *model) - models.begin()));
}

} // namespace

std::vector<std::string> models_for_users(const config::settings& settings) {
    std::vector<std::string> all{settings.aider_model};
    for (auto part : comma_parts(settings.allowed_models)) {
        auto name = plain_model(part);
        if (!name.empty() && std::ranges::find(all, name) == all.end()) all.push_back(std::move(name));
    }
    return all;
}

bool may_use(role who, const std::string& model, const config::settings& settings) {
    auto allowed = models_for_users(settings);
    return who == role::admin || std::ranges::find(allowed, model) != allowed.end();
}

awaitable<model_choice> choose_model(model_catalogue& endpoint, role who, std::string said,
                                     const config::settings& settings) {
    using enum model_choice::outcome;
    model_choice choice{.what = listed, .name = plain_model(said)};
    const auto& name = choice.name;
    if (name.empty() || name.size() > limits::model_name_bytes || name.find_first_of(" \t\n") != name.npos) {
        choice.what = no_name;
        co_return choice;
    }
    if (!may_use(who, name, settings)) {
        choice.what = not_allowed;
        co_return choice;
    }
    auto names = co_await endpoint.names();
    if (!names) {
        choice.what = unchecked;
    } else if (!co_await endpoint.knows(name)) {
        choice.what = unlisted;
        choice.near = meant_by(name, *names);
    }
    co_return choice;
}

} // namespace persais::service
