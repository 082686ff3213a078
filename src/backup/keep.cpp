#include "backup/keep.hpp"

#include "backup/limits.hpp"
#include "backup/manifest.hpp"

#include <algorithm>
#include <set>

namespace persais::backup {

namespace {

using namespace std::chrono_literals;

struct dated {
    time_point at;
    std::string name;
};

/// The newest of each of the `most` newest spans that have any; `all` is sorted, the newest first.
void keep_of_each(std::set<std::string>& kept, const std::vector<dated>& all, std::chrono::seconds span, int most) {
    std::set<std::int64_t> seen;
    for (const auto& each : all) {
        auto which = std::chrono::duration_cast<std::chrono::seconds>(each.at.time_since_epoch()) / span;
        if (seen.contains(which)) continue;
        if (static_cast<int>(seen.size()) == most) return;
        seen.insert(which);
        kept.insert(each.name);
    }
}

} // namespace

std::vector<std::string> not_kept(std::vector<std::string> names, time_point now) {
    std::vector<dated> all;
    for (auto& name : names)
        if (auto at = time_in(name)) all.push_back({*at, std::move(name)});
    std::ranges::sort(all,
                      [](const auto& a, const auto& b) { return std::tie(a.at, a.name) > std::tie(b.at, b.name); });
    std::set<std::string> kept;
    for (const auto& each : all)
        if (each.at > now - limits::backups_all) kept.insert(each.name);
    keep_of_each(kept, all, 1h, limits::backups_hourly);
    keep_of_each(kept, all, 24h, limits::backups_daily);
    keep_of_each(kept, all, 24h * 7, limits::backups_weekly);
    std::vector<std::string> gone;
    for (const auto& each : all)
        if (!kept.contains(each.name)) gone.push_back(each.name);
    return gone;
}

} // namespace persais::backup
