#pragma once
#include "config/settings.hpp"
#include "queue/repositories.hpp"

#include <string>
#include <vector>

namespace persais::service {

/// What gives Persais its rights elsewhere and is of use to nobody once it is gone: a sentence each, with where it is
/// taken back. No secret is in them.
std::vector<std::string> to_revoke(const config::settings& settings,
                                   const std::vector<queue::repository>& repositories);

} // namespace persais::service
