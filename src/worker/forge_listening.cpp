#include "worker/forge_listening.hpp"

#include "base/url.hpp"

#include <algorithm>
#include <charconv>

namespace persais::worker {

std::vector<listened> all_listened(const dependencies& with) {
    std::vector<listened> all;
    auto add = [&](const std::string& remote) {
        auto own = service::repository_at(with.repositories, remote);
        auto at = forge::place_of(remote, service::forge_of(own.get(), with.settings));
        if (at && at->kind == forge::kind::github && std::ranges::find(all, *at, &listened::at) == all.end())
            all.push_back({remote, *at});
    };
    if (with.settings.forge_intake) add(with.settings.git_remote_url);
    if (with.repositories)
        for (const auto& each : with.repositories->all())
            if (each->intake) add(each->remote);
    return all;
}

std::optional<listened> listened_named(const dependencies& with, forge::kind kind, std::string_view name) {
    for (auto& each : all_listened(with))
        if (each.at.kind == kind && lower_case(each.at.path) == lower_case(name)) return each;
    return std::nullopt;
}

std::optional<task_id> task_of_branch(std::string_view branch) {
    if (!branch.starts_with(our_branches)) return std::nullopt;
    branch.remove_prefix(our_branches.size());
    std::int64_t number = 0;
    auto [end, ec] = std::from_chars(branch.data(), branch.data() + branch.size(), number);
    if (ec != std::errc() || number <= 0) return std::nullopt;
    return task_id{number};
}

} // namespace persais::worker
