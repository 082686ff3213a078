#pragma once
#include "base/clock.hpp"

#include <string>
#include <vector>

namespace persais::backup {

/// Of these names of backups those that are not kept: neither one of the last hour, nor the newest of one of the
/// backups_hourly newest hours that have any, nor of the backups_daily days or backups_weekly weeks. The newest one is
/// kept whatever its age, and what has another name is nobody's to remove.
std::vector<std::string> not_kept(std::vector<std::string> names, time_point now);

} // namespace persais::backup
