#pragma once
#include "base/host_rules.hpp"

namespace persais::egress {

/// The package registries that setup reaches without a setting.
host_rules default_hosts();

} // namespace persais::egress
