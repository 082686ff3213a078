#pragma once
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::config {

/// What DEPLOY_RULES says of one repository.
struct deploy_rule {
    std::string repository;                      ///< owner/name in lower case; `*`: what other rules leave open
    std::optional<std::vector<std::int64_t>> by; ///< who may deploy there
    std::optional<bool> own;                     ///< whether somebody's approval counts of what they asked for
    std::optional<int> approvals;
    bool operator==(const deploy_rule&) const = default;
};

/// Reads `team/app by=11,22 own=off approvals=2; * approvals=2`. The error is to be written after "NAME: ".
result<std::vector<deploy_rule>> read_deploy_rules(std::string_view text);

} // namespace persais::config
